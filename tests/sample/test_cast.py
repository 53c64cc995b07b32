"""Who is in the sample world."""

from portal.people.addresses import canonical
from portal.sample.cast import draw_cast


def names(seed: int) -> list[str]:
    return [
        each.name
        for practice in draw_cast(seed)
        for each in [
            *(someone for _role, someone in practice.staff.values()),
            *(someone for household in practice.households for someone in household.people.values()),
        ]
    ]


def test_the_same_seed_draws_the_same_people() -> None:
    assert names(3) == names(3)
    assert names(3) != names(4)


def test_nobody_shares_a_name_with_anybody_whatever_the_seed() -> None:
    for seed in range(200):
        words = [word for name in names(seed) for word in name.split()]
        assert len(words) == len(set(words))


def test_every_address_can_be_written_to() -> None:
    for practice in draw_cast(1):
        for household in practice.households:
            for someone in household.people.values():
                assert canonical(someone.email) == someone.email
