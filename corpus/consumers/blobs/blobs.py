"""A consumer for Sysmon: evaluates rule blobs as parser/SYSMON.md says, written from that page alone. See CONSUMER.md.

    blobs.py CONTRACT.toml          the contract of one schema, as `contentgate contract extract` prints it
    blobs.py CONTRACT.toml case     the same with a mistake: it compares with case

What a sensor checks when it loads a blob is left out: it takes every blob that has rules.
"""
import ipaddress
import json
import struct
import sys
import tomllib

MATCH, NO_MATCH, FAILED = "match", "no match", "failed"
OR, AND = 0, 1
INCLUDE, EXCLUDE = 0, 1
ENVIRONMENT = 1 << 30


def fold(text):
    """UTF-16 units up to the first zero, each by its simple lower-case mapping where that is one unit."""
    units = struct.unpack(f"<{len(text) // 2}H", text)
    units = units[: units.index(0)] if 0 in units else units
    return [unit if MIND_CASE or 0xD800 <= unit < 0xE000 else ord(chr(unit).lower()[0]) for unit in units]


def stands(needle, text):
    """In an empty text nothing stands, not even nothing."""
    ends = range(len(text) - len(needle) + 1) if text else []
    return any(text[at : at + len(needle)] == needle for at in ends)


def values(value):
    """The values between `;`, each with all that is left from there on."""
    start = 0
    for at, unit in enumerate(value + [ord(";")]):
        if unit == ord(";"):
            yield value[start:at], value[start:]
            start = at + 1


def parts(text, value):
    """Of an empty value the sensor does not see the end."""
    return [stands(one or rest, text) for one, rest in values(value)]


def file_name(text):
    return text[len(text) - text[::-1].index(ord("\\")) :] if ord("\\") in text else text


OPERATORS = {
    "is": lambda text, value: text == value,
    "is not": lambda text, value: text != value,
    "contains": lambda text, value: stands(value, text),
    "excludes": lambda text, value: not stands(value, text),
    "contains any": lambda text, value: any(parts(text, value)),
    "contains all": lambda text, value: all(parts(text, value)),
    "excludes any": lambda text, value: not any(parts(text, value)),
    "excludes all": lambda text, value: not all(parts(text, value)),
    "is any": lambda text, value: any(text == one for one, _ in values(value)),
    "begin with": lambda text, value: text[: len(value)] == value,
    "not begin with": lambda text, value: text[: len(value)] != value,
    "end with": lambda text, value: len(text) >= len(value) and text[len(text) - len(value) :] == value,
    "not end with": lambda text, value: len(text) < len(value) or text[len(text) - len(value) :] != value,
    "less than": lambda text, value: text < value,
    "more than": lambda text, value: text > value,
    "image": lambda text, value: (text if ord("\\") in value else file_name(text)) == value,
}


def written(value, kind):
    """An input as the text that the sensor makes of it."""
    if kind == "address":
        address = ipaddress.ip_address(value)
        if address.version == 6:
            return ":".join(format(int(group, 16), "x") for group in address.exploded.split(":"))
    return str(value)


def wide(text):
    """A text of a structure, up to its zero."""
    end = next((at for at in range(0, len(text), 2) if text[at : at + 2] == b"\0\0"), len(text))
    return text[:end].decode("utf-16-le", "replace")


class Filter:
    def __init__(self, blob, at):
        self.field, self.name = struct.unpack_from("<I", blob, at)[0], wide(blob[at + 4 : at + 516])
        operator, self.next, size, _, self.group = struct.unpack_from("<5I", blob, at + 516)
        self.operator, self.expands = operator & 0xFFFF, bool(operator & ENVIRONMENT)
        data = blob[at + 536 : at + 536 + size]
        self.whole = size % 2 == 0 and size > 0 and at + size < len(blob) and data.endswith(b"\0\0")
        self.value = data[:-2]


class Group:
    """The filters of an aggregation, which stand among those of an event as one filter would."""

    def __init__(self, blob, at):
        self.name, self.filters = wide(blob[at : at + 256]), []
        self.combine = struct.unpack_from("<I", blob, at + 280)[0]


class Rules:
    """What a blob says about one event id."""

    def __init__(self, blob, at):
        self.id, self.default, self.combine, self.next, count, filter_at = struct.unpack_from("<6I", blob, at)
        self.items, groups = [], {}
        while count and filter_at:
            one = Filter(blob, filter_at)
            if not one.whole:
                break
            if one.group and one.group not in groups:
                groups[one.group] = Group(blob, one.group)
                self.items.append(groups[one.group])
            (groups[one.group].filters if one.group else self.items).append(one)
            filter_at = one.next


class Sensor:
    def __init__(self, path):
        with open(path, "rb") as file:
            contract = tomllib.load(file)
        self.types = {one["id"]: one for one in contract["types"]}
        self.operators = contract["sysmon"]["filters"]
        self.linux = contract["sensor"]["platform"] == "linux"
        self.rules, self.version = [], 0

    def load(self, blob):
        self.version, count = struct.unpack_from("<2I", blob)
        if count == 0:
            return "refused there are no rules"
        at = struct.unpack_from("<I", blob, 16)[0] if self.version > 0x1_0000 else 8
        self.rules = []
        while at:
            self.rules.append(Rules(blob, at))
            at = self.rules[-1].next
        return "loaded"

    def decide(self, kind, inputs):
        """Whether the event is logged, and under which name."""
        self.event, self.inputs, self.name = self.types[kind], inputs, ""
        takes = self.event.get("event")
        if takes is None:
            return True, ""
        own = [rules for rules in self.rules if self.is_about(rules)]
        for default in (INCLUDE, EXCLUDE):
            for rules in reversed([rules for rules in own if rules.default == default]):
                if self.ask(rules) == MATCH:
                    return default == EXCLUDE, self.name
        if len(own) > 1:
            return False, ""
        return (own[0].default == INCLUDE if own else takes["default"] == "include"), ""

    def is_about(self, rules):
        other = self.types.get(rules.id)
        shares = other is not None and "event" in other and other["name"].lower() == self.event["name"].lower()
        return rules.id == self.event["id"] or shares

    def ask(self, rules):
        other, matched = self.types.get(rules.id), set()
        for at, item in enumerate(rules.items):
            if isinstance(item, Group):
                answer = self.ask_group(item, rules)
            elif item.field in matched:
                continue
            else:
                answer = self.ask_filter(item, other)
                if answer == MATCH:
                    matched.add(item.field)
                    self.name = item.name or self.name
                behind = [one for one in rules.items[at + 1 :] if isinstance(one, Filter)]
                if answer == NO_MATCH and any(one.field == item.field for one in behind):
                    continue
            if answer == FAILED or (answer == MATCH) == (rules.combine == OR):
                return answer
        return MATCH if rules.items and rules.combine == AND else NO_MATCH

    def ask_group(self, group, rules):
        for one in group.filters:
            answer = self.ask_filter(one, self.types.get(rules.id))
            if answer == MATCH:
                names = [group.name, one.name] if self.version <= 0xE_0001 else [one.name]
                self.name = next(filter(None, names), self.name)
            if answer == FAILED or (answer == MATCH) == (group.combine == OR):
                return answer
        return MATCH if group.combine == AND else NO_MATCH

    def ask_filter(self, one, other):
        fields = self.event["fields"]
        if one.field >= len(fields):
            return NO_MATCH
        field = fields[one.field]
        if other is not None and other["id"] != self.event["id"]:
            there = other["fields"][one.field] if one.field < len(other["fields"]) else None
            if there is None or there["name"] != field["name"]:
                return NO_MATCH
        expands = not self.linux and (one.expands or b"%\0" in one.value)
        if one.operator >= len(self.operators) or expands or self.inputs[one.field] is None:
            return FAILED
        text = written(self.inputs[one.field], field["input"])
        holds = OPERATORS[self.operators[one.operator]]
        return MATCH if holds(fold(text.encode("utf-16-le", "surrogatepass")), fold(one.value)) else NO_MATCH


MIND_CASE = sys.argv[2:] == ["case"]
sensor, lines = Sensor(sys.argv[1]), sys.stdin.buffer
while line := lines.readline():
    word, _, rest = line.decode().rstrip("\n").partition(" ")
    if word == "contentgate-consumer":
        answer = "contentgate-consumer 1 blobs"
    elif word == "file":
        answer = sensor.load(lines.read(int(rest.split()[0])))
    elif word == "event":
        event = json.loads(rest)
        logged, name = sensor.decide(event["type"], event["inputs"])
        answer = f"logged {json.dumps(name)}" if logged else "dropped"
    elif word == "end":
        break
    print(answer, flush=True)
