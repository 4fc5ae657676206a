"""What does a policy pack allow? The worker refuses by itself, whatever the gateway asks.

A policy is a pack and its version, like "adult/1". A pack that is not known here allows nothing.
Inferring emotions in education is forbidden in the European Union (AI Act, Article 5(1)(f)); a
visible movement of the face is so close to it that `eu` and `us-k12` never have it read at all.
"""

PACKS_WITH_EXPRESSIONS = frozenset({"adult", "research"})


def allows_expressions(policy: str) -> bool:
    """Whether movements of the face may be read, and their networks opened."""
    return policy.partition("/")[0] in PACKS_WITH_EXPRESSIONS
