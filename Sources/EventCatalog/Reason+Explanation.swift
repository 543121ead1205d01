import Rotation

extension Reason {
    /// What the code says, as one sentence or two for whoever is called to it.
    package var meaning: String { explanation.meaning }

    /// What to do about it. Failures are retried by themselves; holds wait for `keyturn resume`.
    package var advice: String { explanation.advice }

    private var explanation: (meaning: String, advice: String) {
        switch self {
        case .forbidden, .unauthenticated, .notFound, .locked, .conflict, .throttled, .azureUnavailable, .unreachable,
            .timeout, .badResponse, .clockSkew, .badConnectionString:
            ofAzure
        case .keyDenied, .probeUnusable, .probeUnreachable, .publishFailed, .deliveryFailed, .ledgerUnavailable:
            ofThisMachine
        default:
            ofRotation
        }
    }

    private var ofAzure: (meaning: String, advice: String) {
        switch self {
        case .forbidden:
            (
                "Azure knows the identity but does not allow it this action (403).",
                "Grant it Microsoft.Communication/communicationServices/listKeys/action and .../regenerateKey/action on "
                    + "the resource ('keyturn check --role' prints a role). A new assignment may take ten minutes to count."
            )
        case .unauthenticated:
            (
                "No token could be had for the configured credential, or Azure refused it (401).",
                "Check azure.credential: is the managed identity assigned to this machine, has the client secret or "
                    + "certificate expired? 'keyturn check --online' tries it."
            )
        case .notFound:
            (
                "Azure knows no such resource, group or subscription (404).",
                "Was it deleted, moved or renamed? Correct or remove its entry in the configuration, then 'keyturn reload'."
            )
        case .locked:
            (
                "A lock on the resource, its group or its subscription forbids changes.",
                "Remove the ReadOnly lock or leave the resource out; 'az lock list' shows the locks. The published key "
                    + "goes on working."
            )
        case .conflict:
            (
                "Another operation on the resource is under way at Azure (409).",
                "Nothing, unless it lasts: then look at the resource's activity log for what does not end."
            )
        case .throttled:
            (
                "Azure asked for fewer calls (429), or Keyturn holds calls back so that it need not.",
                "Nothing, unless it lasts: then something else uses the subscription's limit, or azure.subscriptionWrites "
                    + "is more than Azure grants. 'keyturn plan' shows the load."
            )
        case .azureUnavailable:
            (
                "Azure answered with a server error (5xx).",
                "Nothing but wait; look at Azure's status page. If it lasts, quote the request id to Azure support: 'keyturn "
                    + "status NAME' and the journal's KEYTURN_REQUEST_ID have it."
            )
        case .unreachable:
            (
                "No connection to Azure could be made, or it broke.",
                "Check this machine's network, DNS, proxy and firewall: it needs TCP port 443 of the resource manager, "
                    + "the login endpoint and the resource's own host."
            )
        case .timeout:
            (
                "Azure did not answer in time.",
                "Nothing, unless it lasts: then check the network between this machine and Azure, and Azure's status page."
            )
        case .badResponse:
            (
                "Azure refused the request as wrong, or what came back is no answer of Azure's.",
                "Check for a proxy that answers in Azure's place, and azure.cloud in the configuration. The detail says "
                    + "what came back."
            )
        case .clockSkew:
            (
                "This machine's clock and Azure's are more than five minutes apart, so signed calls are refused, also "
                    + "those of consumers.",
                "Set the clock: check 'timedatectl' and the NTP service. Nothing is rotated until the clocks agree."
            )
        default:
            (
                "A listed connection string does not parse, does not contain the listed key, or names a host that is not "
                    + "allowed.",
                "Look at the keys in the Azure portal; if they are sound, check azure.cloud, then 'keyturn resume'."
            )
        }
    }

    private var ofThisMachine: (meaning: String, advice: String) {
        switch self {
        case .keyDenied:
            (
                "Signed calls with the new key are refused although those with the published key succeed.",
                "A new key may take minutes to count everywhere, and is tried until then. If it lasts, quote the "
                    + "request id that 'keyturn status NAME' shows to Azure support. Consumers keep the old key, which works."
            )
        case .probeUnusable:
            (
                "Signed calls are refused with the published key too, so they prove nothing about the new one.",
                "Is key authentication switched off for the resource (disableLocalAuth)? Then consumers fail too. Else "
                    + "set 'verify: off' in its policy to publish without signed calls."
            )
        case .probeUnreachable:
            (
                "The resource's own host could not be reached to try the key.",
                "Check DNS, proxy and firewall for <resource>.communication.azure.com, TCP port 443."
            )
        case .publishFailed:
            (
                "The secrets directory could not be read or written. What was published before stays.",
                "Check free space and permissions of the directory that the detail names; its owner has to be the user "
                    + "keyturn, and nobody else may write to it."
            )
        case .deliveryFailed:
            (
                "A consumer was not told of the new connection string: a unit could not be reloaded or a command failed.",
                "See 'systemctl status' of the unit, or the command's output in the journal. The old key works until it "
                    + "was told, and no key is regenerated before."
            )
        default:
            (
                "The ledger could not be written, so nothing is begun.",
                "Check free space, quotas and permissions of /var/lib/keyturn. It goes on by itself when the ledger can "
                    + "be written."
            )
        }
    }

    private var ofRotation: (meaning: String, advice: String) {
        switch self {
        case .keyTooOld:
            (
                "The published key is older than the policy's maxAge.",
                "'keyturn status NAME' says what keeps it from turning; 'keyturn rotate NAME' turns it now."
            )
        case .undecided:
            (
                "A regenerate was sent and no answer came; whether it ran is found out from what Azure lists.",
                "Nothing: it is decided after the policy's settle time. Do not regenerate keys by hand meanwhile."
            )
        case .wrongKeyTypeChanged, .bothKeysChanged, .regenerateWithoutChange: ofContradiction
        case .currentKeyChanged:
            (
                "The published key was regenerated by somebody else, so consumers were left with a dead one. Its "
                    + "successor is published at once.",
                "Find out who did it: the resource's activity log at Azure shows regenerateKey and its caller. Only "
                    + "Keyturn should turn these keys."
            )
        case .otherKeyChanged:
            (
                "The key that is not published was regenerated by somebody else; consumers that still held it fail.",
                "Find out who did it in the resource's activity log at Azure. Restart consumers that have not taken the "
                    + "published connection string yet."
            )
        case .endpointChanged:
            (
                "Azure's connection strings name another endpoint than the published one.",
                "If the resource was moved on purpose, 'keyturn resume NAME' when it is held. Else treat it as an attack."
            )
        case .secretsTampered:
            (
                "What was found in the secrets directory is not what was published. It is put right by itself.",
                "Find out who writes there: configuration management, a backup, a person. Nobody else should."
            )
        case .canaryUnhealthy:
            (
                "The policy's canary is not well, so no other key of the policy turns.",
                "Look at the canary: 'keyturn status' names it, and its reason is what has to be mended."
            )
        case .policyStopped:
            (
                "As many rotations of the policy failed in a row as its stopAfter says; no other key of it turns.",
                "Mend what made them fail ('keyturn history'). It goes on when one of them succeeds, or is resumed or paused."
            )
        default:
            (
                "Rotations are stopped: by an operator, by the policy's mode, or for the daemon stops. The published key goes on "
                    + "working.",
                "'keyturn status NAME' shows who, why and until when; 'keyturn resume NAME' goes on."
            )
        }
    }

    private var ofContradiction: (meaning: String, advice: String) {
        let meaning =
            switch self {
            case .wrongKeyTypeChanged: "While one key was regenerated, the other one changed instead."
            case .bothKeysChanged: "Both keys changed while only one was regenerated."
            default: "Azure answered a regenerate with success, but the key did not change."
            }
        return (
            meaning,
            "Look for another hand in the resource's activity log at Azure. When it is explained: 'keyturn resume NAME'. "
                + "Consumers are given a working key meanwhile."
        )
    }
}
