//! A client in Rust: answers commands, a line of JSON in, a line of JSON out, and ends with the input.

use posthog_rs::{client, Client, ClientOptionsBuilder, EvaluateFlagsOptions, Event, FlagValue};
use serde_json::{json, Map, Value};
use std::collections::HashMap;
use std::io::{stdin, BufRead};

type Outcome = Result<Value, String>;

fn main() {
    let mut posthog: Option<Client> = None;
    for line in stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let answer = reply(&question, &mut posthog).unwrap_or_else(|error| json!({ "error": error }));
        println!("{answer}");
    }
}

fn reply(question: &Value, posthog: &mut Option<Client>) -> Outcome {
    if question["do"] == "open" {
        *posthog = Some(client(open(question)?));
        return Ok(json!({}));
    }
    let posthog = posthog.as_ref().ok_or("not open")?;
    match question["do"].as_str() {
        Some("flags") => flags(posthog, question),
        Some("capture") => {
            let mut event = Event::new(text(question, "event"), text(question, "distinctId"));
            if !question["set"].is_null() {
                event.insert_prop("$set", &question["set"]).map_err(|error| error.to_string())?;
            }
            posthog.capture(event);
            posthog.flush();
            Ok(json!({}))
        }
        Some("close") => {
            posthog.shutdown();
            Ok(json!({}))
        }
        _ => Err("no such command".to_string()),
    }
}

fn open(question: &Value) -> Result<posthog_rs::ClientOptions, String> {
    let mut options = ClientOptionsBuilder::default();
    options.api_key(text(question, "token")).host(text(question, "host"));
    if let Some(secret) = question["secret"].as_str() {
        let seconds = question["pollMs"].as_u64().unwrap_or(0) / 1000;
        options.secret_key(secret).enable_local_evaluation(true).poll_interval_seconds(seconds.max(1));
    }
    options.build().map_err(|error| error.to_string())
}

fn flags(posthog: &Client, question: &Value) -> Outcome {
    let user = &question["user"];
    let options = EvaluateFlagsOptions {
        groups: Some(serde_json::from_value(user["groups"].clone()).map_err(|error| error.to_string())?),
        person_properties: Some(map(&user["personProperties"])),
        group_properties: Some(
            map(&user["groupProperties"]).into_iter().map(|(kind, found)| (kind, map(&found))).collect(),
        ),
        only_evaluate_locally: question["local"] == true,
        ..Default::default()
    };
    let found = posthog.evaluate_flags(text(user, "distinctId"), options).map_err(|error| error.to_string())?;
    let (mut values, mut payloads) = (Map::new(), Map::new());
    for key in question["keys"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let value = match found.get_flag(key) {
            None => Value::Null,
            Some(FlagValue::Boolean(on)) => on.into(),
            Some(FlagValue::String(variant)) => variant.into(),
        };
        values.insert(key.to_string(), value);
        payloads.insert(key.to_string(), found.get_flag_payload(key).unwrap_or(Value::Null));
    }
    Ok(json!({ "values": values, "payloads": payloads }))
}

fn map(value: &Value) -> HashMap<String, Value> {
    value.as_object().into_iter().flatten().map(|(key, found)| (key.clone(), found.clone())).collect()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_string()
}
