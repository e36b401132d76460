// A client in Go: answers commands, a line of JSON in, a line of JSON out, and ends with the input.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/posthog/posthog-go"
)

type user struct {
	DistinctID       string                        `json:"distinctId"`
	Groups           posthog.Groups                `json:"groups"`
	PersonProperties posthog.Properties            `json:"personProperties"`
	GroupProperties  map[string]posthog.Properties `json:"groupProperties"`
}

type question struct {
	Do         string        `json:"do"`
	Host       string        `json:"host"`
	Token      string        `json:"token"`
	Secret     string        `json:"secret"`
	PollMs     time.Duration `json:"pollMs"`
	User       user          `json:"user"`
	Keys       []string      `json:"keys"`
	Local      bool          `json:"local"`
	DistinctID string        `json:"distinctId"`
	Event      string        `json:"event"`
	Key        string        `json:"key"`
	Set        any           `json:"set"`
}

type answer map[string]any

// quiet keeps the client's own words off our output.
type quiet struct{}

func (quiet) Debugf(string, ...any) {}
func (quiet) Logf(string, ...any)   {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Errorf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// delivered tells when an event is there, or why not.
type delivered chan error

func (d delivered) Success(posthog.APIMessage)            { d <- nil }
func (d delivered) Failure(_ posthog.APIMessage, e error) { d <- e }

var client posthog.Client
var sent = make(delivered, 1024)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			panic(err)
		}
		found, err := reply(q)
		if err != nil {
			found = answer{"error": err.Error()}
		}
		if err := out.Encode(found); err != nil {
			panic(err)
		}
	}
}

func reply(q question) (answer, error) {
	switch q.Do {
	case "open":
		return answer{}, open(q)
	case "flags":
		return flags(q)
	case "capture":
		properties := posthog.NewProperties()
		if q.Set != nil {
			properties.Set("$set", q.Set)
		}
		err := client.Enqueue(posthog.Capture{DistinctId: q.DistinctID, Event: q.Event, Properties: properties})
		if err == nil {
			err = <-sent
		}
		return answer{}, err
	case "remoteConfig":
		text, err := client.GetRemoteConfigPayload(q.Key)
		return answer{"payload": parsed(text)}, err
	case "close":
		return answer{}, client.Close()
	}
	return nil, errors.New("no such command")
}

func open(q question) (err error) {
	client, err = posthog.NewWithConfig(q.Token, posthog.Config{
		Endpoint:                           q.Host,
		PersonalApiKey:                     q.Secret,
		DefaultFeatureFlagsPollingInterval: q.PollMs * time.Millisecond,
		BatchSize:                          1,
		Logger:                             quiet{},
		Callback:                           sent,
	})
	return err
}

func flags(q question) (answer, error) {
	silent := false
	values, payloads := answer{}, answer{}
	for _, key := range q.Keys {
		asked := posthog.FeatureFlagPayload{
			Key:                   key,
			DistinctId:            q.User.DistinctID,
			Groups:                q.User.Groups,
			PersonProperties:      q.User.PersonProperties,
			GroupProperties:       q.User.GroupProperties,
			OnlyEvaluateLocally:   q.Local,
			SendFeatureFlagEvents: &silent,
		}
		value, err := client.GetFeatureFlag(asked)
		if err != nil {
			if q.Local {
				continue
			}
			return nil, err
		}
		values[key] = value
		text, err := client.GetFeatureFlagPayload(asked)
		if err != nil && !q.Local {
			return nil, err
		}
		payloads[key] = parsed(text)
	}
	return answer{"values": values, "payloads": payloads}, nil
}

// parsed gives what a payload says: this client hands out its text.
func parsed(text string) any {
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return nil
	}
	return value
}
