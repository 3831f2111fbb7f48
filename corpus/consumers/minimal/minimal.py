"""The smallest consumer: speaks the protocol, and leaves the sensor to you. See validators/gate/CONSUMER.md."""
import json
import sys


class Sensor:
    """Put the calls of your sensor here. This one refuses empty files and matches nothing."""

    def load(self, content):
        return "loaded" if content else "refused the file is empty"

    def match(self, template, inputs):
        return []


sensor, lines = Sensor(), sys.stdin.buffer
while line := lines.readline():
    word, _, rest = line.decode().rstrip("\n").partition(" ")
    if word == "contentgate-consumer":
        answer = "contentgate-consumer 1 minimal"
    elif word == "file":
        answer = sensor.load(lines.read(int(rest.split()[0])))
    elif word == "event":
        event = json.loads(rest)
        found = sensor.match(event["type"], event["inputs"])
        answer = " ".join(["match", *map(str, sorted(found))]) if found else "none"
    elif word == "end":
        break
    print(answer, flush=True)
