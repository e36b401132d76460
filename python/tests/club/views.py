from django.http import HttpRequest, HttpResponse, JsonResponse


def flags(request: HttpRequest):
    return JsonResponse(request.flags.values())


async def aflags(request):
    return JsonResponse((await request.aflags()).values())


async def wrong(request):
    return JsonResponse(request.flags.values())


def quiet(request):
    return HttpResponse("nothing asked")


def basket(request):
    """Makes a session for somebody who is not logged in."""
    request.session["basket"] = [1]
    return HttpResponse("kept")


def asked(request):
    """The context that flags are evaluated with."""
    from halyard.django.context import evaluation_context

    return JsonResponse(evaluation_context(request) or {})
