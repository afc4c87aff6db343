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
//!   deployments, deployment statuses, environments, the App with its
//!   installations and their tokens, the rate limit. Answers have the whole
//!   shape of GitHub's published schema, its headers, its pages and its ETags;
//!   refusals have its words.
//! - `/api/graphql`: the queries and types that tools for deployments use, with
//!   GitHub's prices in points and its bounds on nodes.
//! - `/{owner}/{repo}` and below: small pages for people behind the links in
//!   answers, each saying that it is simulated.
//! - `/login/device`: the App's device flow ([`github::DeviceFlow`]), for programs,
//!   and with a page for people, who say on it which user they are.
//! - `/sites/{owner}/{repo}/{environment}/`: the files of the commit that was
//!   last deployed there, with `Content-Security-Policy: sandbox`.
//!
//! Its runner plays each repository's workflows: a push starts checks, a new
//! deployment is picked up, goes through its steps and publishes its files. As
//! with workflows that run `on: deployment`, the run that does it is a check
//! `deploy` of the deployed commit, in a suite of its own: it counts in the
//! commit's state and is told. Its webhooks are signed and sent to one address.
//!
//! Who asks is one of the plain tokens of its configuration, or the GitHub App
//! ([`github::Github::register_app`], [`github::Github::install_app`]): it signs
//! an assertion with its key, gets a token for an installation, and with that
//! sees the repositories of one owner; what it makes is made by `<slug>[bot]`.
//! Each token and installation has GitHub's limits ([`github::Limits`]): REST
//! requests and GraphQL points an hour, and those that guard against bursts and
//! against too much content. All of it lives by a [`Clock`] that can be given
//! to it, made faster and set wrong.
//!
//! Not simulated: permissions (a token may do everything with what it sees, and
//! the App is told of everything), more than one App, more than one receiver of
//! webhooks, webhooks about the App and its installations, GraphQL mutations,
//! check runs that a caller writes (commit statuses can be written), what
//! protects branches and environments (the rules of an environment are kept and
//! shown, and hold nothing up), pull requests, issues, teams, repositories that
//! are made, renamed, moved or forked over the wire, the git protocol
//! (`git clone`), answers that lag behind what was written, limits by the time
//! that a request takes, REST's filters of commits by author or time, workflows
//! that are written in YAML.
//!
//! # Slack
//!
//! [`slack`] is one workspace: Web API methods, and events and interactivity as
//! an app sees them in Socket Mode or over HTTP. See there for what it has and
//! lacks.
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
//! after letting `skip` pass (0), and then is gone; `*` is every route. One that
//! would never hit is refused with 422, and the nearest route is told:
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
//! # the same in the middle of the answer's body
//! fault '{"route": "POST /api/graphql Status", "kind": "drop_mid_answer"}'
//! # the service's own answer to one who asks too often
//! fault '{"route": "*", "kind": {"rate_limit": {"seconds": 30}}}'
//! # slow before it is done, slow after it is done, done once the caller has
//! # given up (or after so long)
//! fault '{"route": "*", "kind": {"latency": {"ms": 3000}}}'
//! fault '{"route": "*", "kind": {"late": {"ms": 3000}}}'
//! fault '{"route": "*", "kind": {"once_gone": {"ms": 60000}}}'
//! # any answer at all
//! fault '{"route": "*", "kind": {"answer": {"status": 429, "headers": {"retry-after": "30"}, "body": {"message": "Slow down"}}}}'
//! # its own answer, with other values in some places
//! fault '{"route": "POST /api/graphql", "kind": {"replace": {"/data/nodes/0": null}}}'
//! curl $GITHUB/control/faults              # those that are still waiting
//! curl -X DELETE $GITHUB/control/faults
//! ```
//!
//! Of GitHub only: hints of what changes, as server-sent events with
//! `{"repository": "acme/people", "kind": "deployment_status"}` each; the limits,
//! of which what is left out is GitHub's number, and `"secondary": null` is none
//! against bursts; the clock; the App, its installations, how long its tokens
//! last, and the end of all that it has:
//!
//! ```sh
//! curl -N $GITHUB/control/events
//! curl $GITHUB/control/limits
//! put() { curl -X PUT $GITHUB/control/$1 -H 'content-type: application/json' -d "$2"; }
//! put limits '{"rest_per_hour": 100000, "secondary": {"creates_per_minute": 2}}'
//! put clock '{"shift_seconds": -600, "speed": 60}'
//! curl $GITHUB/control/clock
//! curl $GITHUB/control/app
//! put app/token_lifetime '{"seconds": 60}'
//! curl -X DELETE $GITHUB/control/app/tokens
//! put device '{"client_id": "Iv1.sandbox", "interval_seconds": 1, "lifetime_seconds": 900}'
//! ```
//!
//! what somebody does with the code `WDJB-MJHT` that a program shows them: agrees,
//! as the user `minji`, or cancels:
//!
//! ```text
//! put device/WDJB-MJHT '{"login": "minji"}'
//! curl -X DELETE $GITHUB/control/device/WDJB-MJHT
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
//! where they go; what becomes of the next ones on the way (all, or those of an
//! event); and all of them held, and let go:
//!
//! ```sh
//! put webhook '{"url": "http://127.0.0.1:8081/webhooks/github", "secret": "a secret"}'
//! curl $GITHUB/control/webhook
//! spoil() { curl -X POST $GITHUB/control/webhook/faults -H 'content-type: application/json' -d "$1"; }
//! spoil '{"kind": "drop", "times": 3}'
//! spoil '{"kind": "double", "event": "deployment_status"}'
//! spoil '{"kind": "reverse", "times": 2}'
//! spoil '{"kind": "forge"}'
//! spoil '{"kind": {"delay": {"ms": 2000}}}'
//! spoil '{"kind": {"size": {"bytes": 27262976}}}'
//! curl $GITHUB/control/webhook/faults
//! curl -X DELETE $GITHUB/control/webhook/faults
//! curl -X PUT $GITHUB/control/webhook/hold
//! curl -X DELETE $GITHUB/control/webhook/hold
//! curl -X DELETE $GITHUB/control/webhook
//! ```
//!
//! What Slack has of its own is told in [`slack`].

pub mod control;
pub mod github;
pub mod slack;

mod clock;

pub use clock::Clock;
