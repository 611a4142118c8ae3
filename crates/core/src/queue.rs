//! Whose turn it is, where AWS has room for few: projects take turns, and within a project whoever has waited longest is first.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::id::ProjectId;

/// Puts what waits into the order in which it is tried. `turns` says when each project last had a turn; who had none yet
/// is before all others.
#[must_use]
pub fn in_turn<T>(
    waiting: impl IntoIterator<Item = (ProjectId, Timestamp, T)>,
    turns: &BTreeMap<ProjectId, Timestamp>,
) -> Vec<T> {
    let mut projects: BTreeMap<ProjectId, Vec<(Timestamp, T)>> = BTreeMap::new();
    for (project, since, item) in waiting {
        projects.entry(project).or_default().push((since, item));
    }
    let mut rounds: Vec<(usize, Option<Timestamp>, Timestamp, T)> = Vec::new();
    for (project, mut items) in projects {
        items.sort_by_key(|(since, _)| *since);
        let last = turns.get(&project).copied();
        let in_rounds = items.into_iter().enumerate();
        rounds.extend(in_rounds.map(|(round, (since, item))| (round, last, since, item)));
    }
    rounds.sort_by_key(|(round, last, since, _)| (*round, *last, *since));
    rounds.into_iter().map(|(.., item)| item).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn project(number: u8) -> ProjectId {
        ProjectId::from_uuid(Uuid::from_u128(u128::from(number)))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn projects_take_turns_and_within_one_the_longest_waiting_is_first() {
        let waiting = [
            (project(1), at(3), "a3"),
            (project(1), at(1), "a1"),
            (project(1), at(2), "a2"),
            (project(2), at(9), "b9"),
        ];
        assert_eq!(in_turn(waiting, &BTreeMap::new()), ["a1", "b9", "a2", "a3"]);
    }

    #[test]
    fn who_had_no_turn_for_longest_is_first() {
        let waiting = [
            (project(1), at(1), "a"),
            (project(2), at(2), "b"),
            (project(3), at(3), "c"),
        ];
        let turns = BTreeMap::from([(project(1), at(20)), (project(2), at(10))]);
        assert_eq!(in_turn(waiting, &turns), ["c", "b", "a"]);
    }

    proptest! {
        #[test]
        fn everybody_gets_one_turn_and_nobody_two_more_than_another_who_waits(
            waiting in proptest::collection::vec((0..4_u8, 0..100_i64), 0..40),
        ) {
            let all = waiting.iter().enumerate().map(|(index, (of, since))| (project(*of), at(*since), index));
            let order = in_turn(all, &BTreeMap::new());
            let mut sorted = order.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..waiting.len()).collect::<Vec<_>>());
            let total = |of: u8| waiting.iter().filter(|(other, _)| *other == of).count();
            let mut had = [0_usize; 4];
            for index in order {
                had[usize::from(waiting[index].0)] += 1;
                for of in 0..4_u8 {
                    let (mine, still) = (had[usize::from(of)], had[usize::from(of)] < total(of));
                    prop_assert!(!still || had.iter().all(|other| *other <= mine + 1));
                }
            }
        }
    }
}
