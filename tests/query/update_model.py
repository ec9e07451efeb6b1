"""A plain Python model of MongoDB's update operators, on dicts as they are stored."""

import copy

MISSING = object()


class Refused(Exception):
    """The server would refuse the update."""


def apply_update(document, update):
    """Return what a document becomes; raise Refused where the server would."""
    new = copy.deepcopy(document)
    for operator, paths in update.items():
        for path, operand in paths.items():
            for place in places(new, path.split(".")):
                OPERATORS[operator](new, place, operand)
    return new


def places(document, keys):
    """Return the paths that a path with `$[]` stands for."""
    found = [[]]
    for key in keys:
        if key == "$[]":
            found = [[*path, str(i)] for path in found for i in range(len(read(document, path)))]
        else:
            found = [[*path, key] for path in found]
    return found


def read(value, keys):
    """Return what is at a path, MISSING for nothing."""
    for key in keys:
        if isinstance(value, list):
            value = value[int(key)] if key.isdecimal() and int(key) < len(value) else MISSING
        else:
            value = value.get(key, MISSING) if isinstance(value, dict) else MISSING
    return value


def write(document, keys, value):
    """Put a value at a path, making what is on the way."""
    for key in keys[:-1]:
        document = (
            document[int(key)] if isinstance(document, list) else document.setdefault(key, {})
        )
    if not isinstance(document, (dict, list)):
        raise Refused
    if isinstance(document, list):
        index = int(keys[-1])
        document.extend([None] * (index + 1 - len(document)))
        document[index] = value
    else:
        document[keys[-1]] = value


def number_at(document, keys, start):
    """Return the number at a path."""
    found = read(document, keys)
    if found is MISSING:
        return start
    if not isinstance(found, (int, float)):
        raise Refused
    return found


def list_at(document, keys, empty=None):
    """Return the list at a path, `empty` for nothing."""
    found = read(document, keys)
    if found is MISSING:
        return empty
    if not isinstance(found, list):
        raise Refused
    return found


def unset(document, keys, operand):
    """Remove what is at a path; an element becomes null."""
    parent = read(document, keys[:-1])
    if isinstance(parent, list):
        if int(keys[-1]) < len(parent):
            parent[int(keys[-1])] = None
    elif isinstance(parent, dict):
        parent.pop(keys[-1], None)


def rename(document, keys, operand):
    """Move what is at a path, if anything is."""
    value = read(document, keys)
    if value is not MISSING:
        unset(document, keys, "")
        write(document, operand.split("."), value)


def keep(better):
    """Return the operator that stores the better one of two values."""

    def run(document, keys, operand):
        found = read(document, keys)
        # Null is smaller than every other value.
        if found is MISSING or better(
            (operand is not None, operand or 0), (found is not None, found or 0)
        ):
            write(document, keys, operand)

    return run


def push(document, keys, operand):
    """Add elements at a position, sort and cut."""
    found = list(list_at(document, keys, []))
    position = operand.get("$position", len(found))
    if position < 0:
        position = max(0, len(found) + position)
    found[position:position] = operand["$each"]
    sort = operand.get("$sort")
    if isinstance(sort, int):
        found.sort(reverse=sort == -1)
    elif sort:
        for key, way in reversed(sort.items()):
            found.sort(key=lambda item: item[key], reverse=way == -1)
    if "$slice" in operand:
        bound = operand["$slice"]
        found = found[:bound] if bound >= 0 else found[bound:]
    write(document, keys, found)


def add_to_set(document, keys, operand):
    """Add the elements that are not there."""
    found = list(list_at(document, keys, []))
    for item in operand["$each"]:
        if item not in found:
            found.append(item)
    write(document, keys, found)


COMPARISONS = {
    "$eq": lambda a, b: a == b,
    "$gt": lambda a, b: a > b,
    "$gte": lambda a, b: a >= b,
    "$lt": lambda a, b: a < b,
    "$in": lambda a, b: a in b,
}


def matches(item, condition):
    """Tell whether an element meets operators, or the conditions of its keys."""
    if not any(key.startswith("$") for key in condition):
        return all(
            matches(item[key], value if isinstance(value, dict) else {"$eq": value})
            for key, value in condition.items()
        )
    return all(COMPARISONS[operator](item, value) for operator, value in condition.items())


def pull(document, keys, operand):
    """Take out what matches."""
    found = list_at(document, keys)
    if found is not None:
        write(document, keys, [item for item in found if not matches(item, operand)])


def pull_all(document, keys, operand):
    """Take out what equals one of the values."""
    pull(document, keys, {"$in": operand})


def pop(document, keys, operand):
    """Take out the last or the first element."""
    found = list_at(document, keys)
    if found:
        write(document, keys, found[:-1] if operand == 1 else found[1:])


def bit(document, keys, operand):
    """Combine bits."""
    ((name, number),) = operand.items()
    old = number_at(document, keys, 0)
    combined = {"and": old & number, "or": old | number, "xor": old ^ number}
    write(document, keys, combined[name])


OPERATORS = {
    "$set": write,
    "$unset": unset,
    "$setOnInsert": lambda document, keys, operand: None,
    "$inc": lambda d, keys, n: write(d, keys, number_at(d, keys, 0) + n),
    "$mul": lambda d, keys, n: write(d, keys, number_at(d, keys, 0) * n),
    "$min": keep(lambda new, old: new < old),
    "$max": keep(lambda new, old: new > old),
    "$rename": rename,
    "$push": push,
    "$addToSet": add_to_set,
    "$pull": pull,
    "$pullAll": pull_all,
    "$pop": pop,
    "$bit": bit,
}
