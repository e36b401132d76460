from django.http import HttpResponse, JsonResponse
from django.template import engines

PAGE = """{% load halyard %}{% flag "beta" %}beta{% else %}no beta{% endflag %},
{% flag "colour" "blue" %}blue{% else %}not blue{% endflag %}, {% flag_value "colour" %},
{% flag_payload "colour" as p %}{{ p.hex }}"""


def distinct_id(request):
    return request.GET.get("user")


def flags(request):
    return JsonResponse(request.flags.values())


async def aflags(request):
    return JsonResponse((await request.aflags()).values())


def page(request):
    return HttpResponse(engines["django"].from_string(PAGE).render({}, request))


def quiet(request):
    return HttpResponse("nothing asked")
