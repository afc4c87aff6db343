//! GitHub and Slack on a laptop: the real wire protocols, over real git
//! repositories and a real workspace in memory. Programs reach them by base URL
//! alone and can't tell that they are simulated; nothing here knows who asks.
//!
//! # GitHub
//!
//! [`github::Github`] is one GitHub Enterprise Server. Below its base URL are
//!
//! - `/api/v3`: REST. Users, repositories, branches, references, commits with
//!   what they changed, comparisons, check runs and suites, commit statuses,
//!   contents (read and write: a write is a real commit and a push),
//!   deployments, deployment statuses, environments, the rate limit. Answers
//!   have the whole shape of GitHub's published schema, its headers, its pages
//!   and its ETags; refusals have its words.
//! - `/api/graphql`: the queries and types that tools for deployments use.
//! - `/{owner}/{repo}` and below: small pages for people behind the links in
//!   answers, each saying that it is simulated.
//! - `/sites/{owner}/{repo}/{environment}/`: the files of the commit that was
//!   last deployed there, with `Content-Security-Policy: sandbox`.
//!
//! Its runner plays each repository's workflows: a push starts checks, a new
//! deployment is picked up, goes through its steps and publishes its files. Its
//! webhooks are signed and sent to one address.
//!
//! Not simulated: permissions (a token may do everything), branch protection,
//! pull requests, issues, teams, the git protocol (`git clone`), secondary rate
//! limits, filters of commits by author or time, workflows that are written in
//! YAML.
//!
//! # Slack
//!
//! [`slack`] is one workspace: Web API methods, Socket Mode, Events API and
//! interactivity as an app sees them. See there for what it has and lacks.
//!
//! # The control API
//!
//! Both have `/control` below their base URL; in Rust it is
//! [`control::Control`]. A request's route is its method and the declared path
//! (`GET /api/v3/repos/{owner}/{repo}`); for GraphQL the operation's name
//! follows (`POST /api/graphql Status`).
//!
//! What came in, by route and one by one (the newest 10,000), and forgetting
//! it:
//!
//! ```sh
//! curl $GITHUB/control/requests
//! curl -X DELETE $GITHUB/control/requests
//! ```
//!
//! A delay before every request is carried out:
//!
//! ```sh
//! curl -X PUT $GITHUB/control/latency -H 'content-type: application/json' -d '{"ms": 60}'
//! ```
//!
//! Faults. Each hits `times` requests of its route (1 unless said otherwise)
//! after letting `skip` pass (0), and then is gone; `*` is every route:
//!
//! ```sh
//! fault() { curl -X POST $GITHUB/control/faults -H 'content-type: application/json' -d "$1"; }
//! # answer 502, nothing is done
//! fault '{"route": "POST /api/v3/repos/{owner}/{repo}/deployments", "kind": {"status": 502}}'
//! # it is done, and then answered with 502
//! fault '{"route": "POST /api/v3/repos/{owner}/{repo}/deployments", "kind": {"after_commit": 502}}'
//! # the connection is cut without a byte: nothing is done, or it is done
//! fault '{"route": "POST /api/graphql Status", "skip": 1, "times": 2, "kind": "drop"}'
//! fault '{"route": "POST /api/graphql Status", "kind": "drop_after_commit"}'
//! # the service's own answer to one who asks too often
//! fault '{"route": "*", "kind": {"rate_limit": {"seconds": 30}}}'
//! # slow
//! fault '{"route": "*", "kind": {"latency": {"ms": 3000}}}'
//! curl $GITHUB/control/faults              # those that are still waiting
//! curl -X DELETE $GITHUB/control/faults
//! ```
//!
//! Of GitHub only: hints of what changes, as server-sent events with
//! `{"repository": "acme/people", "kind": "deployment_status"}` each; and what
//! a token may spend in an hour:
//!
//! ```sh
//! curl -N $GITHUB/control/events
//! curl -X PUT $GITHUB/control/limit -H 'content-type: application/json' -d '{"hourly": 100000}'
//! ```
//!
//! and its webhooks: the newest 500 deliveries, one of them with its body, and
//! that one anew, under the same delivery id:
//!
//! ```sh
//! curl $GITHUB/control/deliveries
//! curl $GITHUB/control/deliveries/1
//! curl -X POST $GITHUB/control/deliveries/1/attempts
//! ```
//!
//! What Slack has of its own is told in [`slack`].

pub mod control;
pub mod github;
pub mod slack;

mod clock;
