# Usage: awk -v overlap=MS -v slack=MS -f soak-overlap.awk CONSUMER_LOG AZURE_LOG
# No key may die at Azure while it is published, nor before the overlap has passed since the consumer saw it replaced.
# Prints what contradicts that; the status is 1 if anything does.

# Milliseconds since 1970 of 2026-03-02T01:02:03.004Z.
function instant(text,   part, year, month, day) {
    split(text, part, /[-T:Z]/)
    year = part[1]; month = part[2]
    if (month <= 2) { year--; month += 12 }
    day = 365 * year + int(year / 4) - int(year / 100) + int(year / 400) - 719469
    day += int((153 * (month - 3) + 2) / 5) + part[3]
    return ((day * 24 + part[4]) * 60 + part[5]) * 60000 + part[6] * 1000
}

function field(name) {
    return match($0, "\"" name "\":\"[^\"]*\"") ? substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 5) : ""
}

# TIME PATH: key OLD -> NEW
FNR == NR {
    if ($3 == "key") {
        if ($5 == "->") replaced[$4] = instant($1)
        seen[$5 == "->" ? $6 : $4] = 1
        delete replaced[$5 == "->" ? $6 : $4]
    }
    next
}

/"changedKeyType"/ {
    dead = field("fingerprintBefore")
    if (!(dead in seen)) next
    checked++
    if (!(dead in replaced)) {
        print field("time") " " field("resource") ": " dead " was regenerated while it was published"
        bad = 1
    } else if (instant(field("time")) - replaced[dead] < overlap - slack) {
        printf "%s %s: %s was regenerated %d ms after it was replaced\n", field("time"), field("resource"), dead,
            instant(field("time")) - replaced[dead]
        bad = 1
    }
}

END {
    if (!checked) print "nothing to check"
    exit bad || !checked
}
