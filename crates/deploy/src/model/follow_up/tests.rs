//! One test for each rule; that they lead to what GitHub answers is shown by
//! scenarios.

use jiff::Timestamp;

use super::*;
use crate::model::{Commit, DeploymentId, EnvironmentHistory, Kind, Person, RepositoryName, Step};
use DeploymentState::{Cancelled, Failed, Pending, Running, Succeeded};

fn at(second: u64) -> Timestamp {
    Timestamp::from_second(i64::try_from(second).unwrap()).unwrap()
}

fn sha(number: u64) -> Sha {
    format!("{number:040x}").parse().unwrap()
}

fn commit(number: u64) -> Commit {
    Commit {
        sha: sha(number),
        headline: String::new(),
        author: String::new(),
        committed_at: at(number),
        url: String::new(),
    }
}

/// A deployment of the commit of its own number, created in that second and
/// ended nine seconds later; it has as many steps as its state takes.
fn deployment(number: u64, state: DeploymentState) -> Deployment {
    let steps = match state {
        Pending => 0,
        Running => 1,
        _ => 2,
    };
    let step = Step {
        state: "in_progress".to_owned(),
        description: String::new(),
        at: at(number),
        log_url: String::new(),
    };
    Deployment {
        id: DeploymentId {
            number,
            node: format!("DE_{number}"),
        },
        environment: "Production".parse().unwrap(),
        commit: commit(number),
        state,
        live: false,
        kind: Kind::Deploy,
        requester: Person::default(),
        created_at: at(number),
        ended_at: state.has_ended().then(|| at(number + 9)),
        steps: vec![step; steps],
        request_id: None,
        replaces: None,
        log_url: String::new(),
        environment_url: format!("https://{number}.test"),
    }
}

fn elsewhere(deployment: Deployment) -> Deployment {
    Deployment {
        environment: "moon".parse().unwrap(),
        ..deployment
    }
}

/// A branch of the commits 9 to 1, of which those up to 3 are not listed.
fn cut_line() -> Line {
    let commits = (4..=9).rev();
    Line::new(commits.map(|own| (sha(own), vec![sha(own - 1)])).collect())
}

/// `production` with what is live and what stands there.
fn status(live: Option<u64>, standing: &[Deployment]) -> RepositoryStatus {
    RepositoryStatus {
        repository: RepositoryName::parse("acme/people", None).unwrap(),
        branch: "main".to_owned(),
        commits: Vec::new(),
        environments: vec![EnvironmentStatus {
            name: "production".parse().unwrap(),
            live: live.map(|number| LiveCommit {
                commit: commit(number),
                since: at(number + 9),
                behind: Some(77),
                place: (at(number), number),
                environment_url: String::new(),
            }),
            running: standing.first().cloned(),
            overtaken: standing.iter().skip(1).cloned().collect(),
        }],
        has_default_environments: false,
        line: cut_line(),
        as_of: at(100),
        url: String::new(),
    }
}

/// What the one environment looks like: live, behind, and what stands there.
fn told(status: Option<RepositoryStatus>) -> Option<String> {
    let status = status?;
    let environment = &status.environments[0];
    let mut told = environment.live.as_ref().map_or_else(String::new, |live| {
        let behind = live
            .behind
            .map_or("?".to_owned(), |count| count.to_string());
        format!("{} ({behind} behind)", live.place.1)
    });
    for one in environment.running.iter().chain(&environment.overtaken) {
        told += &format!(" {}:{:?}", one.id.number, one.state);
    }
    Some(told.trim().to_owned())
}

fn after(status: RepositoryStatus, deployments: &[Deployment]) -> Option<String> {
    told(status.with(deployments))
}

fn is(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn what_is_newer_than_what_is_live_and_has_not_ended_runs() {
    let live = || status(Some(5), &[]);
    assert_eq!(after(live(), &[]), is("5 (77 behind)"));
    let newer = deployment(6, Pending);
    assert_eq!(after(live(), &[newer]), is("5 (77 behind) 6:Pending"));
    let older = deployment(4, Running);
    assert_eq!(after(live(), &[older]), is("5 (77 behind)"));
    let first = deployment(4, Running);
    assert_eq!(after(status(None, &[]), &[first]), is("4:Running"));
}

#[test]
fn the_newest_of_several_runs_and_the_next_when_it_has_ended() {
    let two = [deployment(7, Running), deployment(6, Pending)];
    let both = || status(Some(5), &two);
    let newest = deployment(8, Pending);
    assert_eq!(
        after(both(), &[newest]),
        is("5 (77 behind) 8:Pending 7:Running 6:Pending")
    );
    for ended in [Failed, Cancelled] {
        let over = deployment(7, ended);
        assert_eq!(after(both(), &[over]), is("5 (77 behind) 6:Pending"));
    }
    let overtaken = deployment(6, Failed);
    assert_eq!(after(both(), &[overtaken]), is("5 (77 behind) 7:Running"));
}

#[test]
fn an_earlier_reading_changes_nothing() {
    let runs = || status(Some(5), &[deployment(6, Running)]);
    let earlier = deployment(6, Pending);
    assert_eq!(after(runs(), &[earlier]), is("5 (77 behind) 6:Running"));
    let live = || status(Some(6), &[]);
    let earlier = deployment(6, Running);
    assert_eq!(after(live(), &[earlier]), is("6 (77 behind)"));
    // GitHub has given it up without a status.
    let pending = || status(Some(5), &[deployment(6, Pending)]);
    let mut abandoned = deployment(6, Failed);
    abandoned.steps.clear();
    assert_eq!(after(pending(), &[abandoned]), is("5 (77 behind)"));
}

#[test]
fn what_succeeded_is_live_unless_a_newer_one_is() {
    let three = [
        deployment(8, Running),
        deployment(7, Running),
        deployment(6, Pending),
    ];
    let before = || status(Some(5), &three);
    let succeeded = before().with(&[deployment(7, Succeeded)]);
    assert_eq!(told(succeeded.clone()), is("7 (2 behind) 8:Running"));
    let live = succeeded.unwrap().environments.remove(0).live.unwrap();
    assert_eq!((live.since, live.commit), (at(16), commit(7)));
    assert_eq!(live.environment_url, "https://7.test");

    let older = deployment(4, Succeeded);
    let unchanged = after(status(Some(5), &[]), &[older]);
    assert_eq!(unchanged, is("5 (77 behind)"));
    let first = after(status(None, &[]), &[deployment(9, Succeeded)]);
    assert_eq!(first, is("9 (0 behind)"));
}

#[test]
fn how_far_behind_is_counted_on_the_line_or_asked_of_github() {
    // What brought the live commit again is as far behind as that was.
    let mut again = deployment(6, Succeeded);
    again.commit = commit(5);
    assert_eq!(after(status(Some(5), &[]), &[again]), is("6 (77 behind)"));
    // Beyond the line, which is cut short: GitHub would have to be asked.
    let mut far = deployment(6, Succeeded);
    far.commit = commit(1);
    assert_eq!(
        after(status(Some(5), &[]), std::slice::from_ref(&far)),
        None
    );
    // The whole branch, as it was then: it may have been merged since.
    let mut whole = status(Some(5), &[]);
    whole.line = Line::new(vec![(sha(9), vec![])]);
    assert_eq!(after(whole, std::slice::from_ref(&far)), None);
    let mut nothing_pushed = status(None, &[]);
    nothing_pushed.line = Line::new(Vec::new());
    assert_eq!(after(nothing_pushed, &[far]), None);
}

#[test]
fn a_status_without_the_environment_is_read_again() {
    let new = elsewhere(deployment(6, Pending));
    assert_eq!(after(status(Some(5), &[]), &[new]), None);
    let mut default = status(None, &[]);
    default.has_default_environments = true;
    assert_eq!(after(default.clone(), &[deployment(6, Pending)]), None);
    assert_eq!(after(default, &[]), is(""));
}

/// `production` with these, newest first; the first that succeeded is live.
fn history(deployments: &[(u64, DeploymentState)], more: bool) -> History {
    let deployments = deployments.iter();
    let mut one = EnvironmentHistory {
        environment: "production".parse().unwrap(),
        deployments: deployments
            .map(|(n, state)| deployment(*n, *state))
            .collect(),
        more,
    };
    one.mark_live();
    History {
        repository: RepositoryName::parse("acme/people", None).unwrap(),
        environments: vec![one],
        has_default_environments: false,
        as_of: at(100),
    }
}

/// What the one environment looks like when three are asked for.
fn then(history: History, deployments: &[Deployment]) -> Option<String> {
    let history = history.with(deployments, None, 3)?;
    let one = &history.environments[0];
    let mut told = String::new();
    for deployment in &one.deployments {
        let live = if deployment.live { " live" } else { "" };
        told += &format!("{}:{:?}{live}, ", deployment.id.number, deployment.state);
    }
    Some(told + if one.more { "more" } else { "all" })
}

#[test]
fn a_history_takes_a_new_one_in_its_place_and_is_cut() {
    let two = || history(&[(7, Failed), (5, Succeeded)], false);
    assert_eq!(
        then(two(), &[deployment(8, Pending)]),
        is("8:Pending, 7:Failed, 5:Succeeded live, all")
    );
    assert_eq!(
        then(two(), &[deployment(6, Pending)]),
        is("7:Failed, 6:Pending, 5:Succeeded live, all")
    );
    assert_eq!(
        then(two(), &[deployment(8, Failed), deployment(9, Running)]),
        is("9:Running, 8:Failed, 7:Failed, more")
    );
    assert_eq!(
        then(two(), &[deployment(4, Failed)]),
        is("7:Failed, 5:Succeeded live, 4:Failed, all")
    );
    assert_eq!(
        then(history(&[], false), &[deployment(4, Running)]),
        is("4:Running, all")
    );
}

#[test]
fn where_a_history_has_more_an_older_one_is_among_them() {
    let cut = || history(&[(7, Failed)], true);
    let older = deployment(4, Succeeded);
    assert_eq!(
        then(cut(), std::slice::from_ref(&older)),
        is("7:Failed, more")
    );
    assert_eq!(then(history(&[], true), &[older]), None);
}

#[test]
fn a_history_takes_only_the_later_reading() {
    let running = || history(&[(7, Running), (5, Succeeded)], false);
    assert_eq!(
        then(running(), &[deployment(7, Succeeded)]),
        is("7:Succeeded live, 5:Succeeded, all")
    );
    assert_eq!(
        then(running(), &[deployment(7, Failed)]),
        is("7:Failed, 5:Succeeded live, all")
    );
    assert_eq!(
        then(running(), &[deployment(7, Pending)]),
        is("7:Running, 5:Succeeded live, all")
    );
}

#[test]
fn a_history_of_another_environment_is_let_be_and_of_all_is_read_again() {
    let new = [elsewhere(deployment(8, Pending))];
    let production = "production".parse().unwrap();
    let one = || history(&[(7, Failed)], false);
    assert_eq!(one().with(&new, Some(&production), 3), Some(one()));
    assert_eq!(one().with(&new, None, 3), None);
    let mut default = history(&[], false);
    default.has_default_environments = true;
    assert_eq!(then(default, &[deployment(6, Pending)]), None);
}
