import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.reflect.TypeToken;
import com.posthog.FeatureFlagResult;
import com.posthog.server.PostHog;
import com.posthog.server.PostHogConfig;
import com.posthog.server.PostHogFeatureFlagResultOptions;
import com.posthog.server.PostHogInterface;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A client in Java: answers commands, a line of JSON in, a line of JSON out, and ends with the input. */
public final class ClientProgram {
  private static final Gson GSON = new GsonBuilder().serializeNulls().create();
  private static PostHogInterface posthog;

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    // The client says a word now and then.
    System.setOut(System.err);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonObject answer;
      try {
        answer = answer(JsonParser.parseString(line).getAsJsonObject());
      } catch (RuntimeException error) {
        answer = error(error.toString());
      }
      out.println(GSON.toJson(answer));
    }
    System.exit(0);
  }

  private static JsonObject answer(JsonObject question) {
    switch (question.get("do").getAsString()) {
      case "open":
        posthog = PostHog.with(config(question));
        return new JsonObject();
      case "flags":
        return flags(question.getAsJsonObject("user"), question.getAsJsonArray("keys"));
      case "capture":
        posthog.capture(question.get("distinctId").getAsString(), question.get("event").getAsString());
        posthog.flush();
        return new JsonObject();
      case "close":
        posthog.close();
        return new JsonObject();
      default:
        return error("no such command");
    }
  }

  private static PostHogConfig config(JsonObject question) {
    PostHogConfig.Builder config =
        PostHogConfig.builder(question.get("token").getAsString())
            .host(question.get("host").getAsString())
            .sendFeatureFlagEvent(false)
            // Otherwise an answer is kept for five minutes.
            .featureFlagCacheMaxAgeMs(0);
    if (question.has("secret")) {
      int seconds = Math.max(1, question.get("pollMs").getAsInt() / 1000);
      config.localEvaluation(true).personalApiKey(question.get("secret").getAsString()).pollIntervalSeconds(seconds);
    }
    return config.build();
  }

  private static JsonObject flags(JsonObject user, JsonArray keys) {
    JsonObject values = new JsonObject();
    JsonObject payloads = new JsonObject();
    PostHogFeatureFlagResultOptions options = options(user);
    for (JsonElement key : keys) {
      String name = key.getAsString();
      FeatureFlagResult found = posthog.getFeatureFlagResult(user.get("distinctId").getAsString(), name, options);
      if (found == null) {
        continue;
      }
      values.add(name, GSON.toJsonTree(found.getVariant() == null ? found.getEnabled() : found.getVariant()));
      payloads.add(name, parsed(found.getPayload()));
    }
    JsonObject answer = new JsonObject();
    answer.add("values", values);
    answer.add("payloads", payloads);
    return answer;
  }

  /** What a payload says: this client hands out its text. */
  private static JsonElement parsed(Object payload) {
    return payload instanceof String ? JsonParser.parseString((String) payload) : GSON.toJsonTree(payload);
  }

  private static PostHogFeatureFlagResultOptions options(JsonObject user) {
    Map<String, String> groups = GSON.fromJson(user.get("groups"), new TypeToken<Map<String, String>>() {}.getType());
    Map<String, Object> person =
        GSON.fromJson(user.get("personProperties"), new TypeToken<Map<String, Object>>() {}.getType());
    Map<String, Map<String, Object>> ofGroups =
        GSON.fromJson(user.get("groupProperties"), new TypeToken<Map<String, Map<String, Object>>>() {}.getType());
    return PostHogFeatureFlagResultOptions.builder()
        .groups(groups)
        .personProperties(person)
        .groupProperties(ofGroups)
        .build();
  }

  private static JsonObject error(String text) {
    JsonObject answer = new JsonObject();
    answer.addProperty("error", text);
    return answer;
  }
}
