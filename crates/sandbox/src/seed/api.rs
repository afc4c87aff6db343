//! `api`: a small service with an environment more than the others. Its newest
//! commit arrives at the start, so that its checks can be seen running.

use super::person::{BORA, JOON, MINJI};
use super::story::{Commit, Deployment, Edit, Outcome, Story};

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

const MAIN: &str = "src/main.rs";
const PAGE: &str = "index.html";

pub(crate) const STORY: Story = Story {
    name: "api",
    environments: &["production", "staging", "development"],
    commits: &[
        Commit {
            ago: 13 * DAY,
            by: &BORA,
            message: "Answer whether it is up (#1)",
            edits: &[
                Edit::Write("Cargo.toml", include_str!("api/Cargo.toml")),
                Edit::Write(MAIN, include_str!("api/main.rs")),
                Edit::Write(PAGE, include_str!("api/index.html")),
                Edit::Write("README.md", "# api\n\nTells who works at Acme.\n"),
            ],
            failed: None,
        },
        Commit {
            ago: 13 * DAY - 3 * HOUR,
            by: &BORA,
            message: "Build and check every commit (#2)",
            edits: &[Edit::Write(
                ".github/workflows/build.yml",
                include_str!("workflows/build.yml"),
            )],
            failed: None,
        },
        Commit {
            ago: 12 * DAY,
            by: &JOON,
            message: "List people at /people (#3)",
            edits: &[
                Edit::Replace(
                    MAIN,
                    "\"ok\" }));",
                    "\"ok\" }))\n        .route(\"/people\", get(people::list));",
                ),
                Edit::Replace(MAIN, "#[tokio::main]", "mod people;\n\n#[tokio::main]"),
                Edit::Write(
                    "src/people.rs",
                    "//! The people.\n\n/// All names, sorted.\npub async fn list() -> axum::Json<Vec<&'static str>> {\n    axum::Json(vec![\"Bora\", \"Joon\", \"Minji\"])\n}\n",
                ),
                Edit::Replace(
                    PAGE,
                    "    </dl>",
                    "      <dt><code>GET /people</code></dt>\n      <dd>All names, sorted.</dd>\n    </dl>",
                ),
            ],
            failed: None,
        },
        Commit {
            ago: 11 * DAY + HOUR,
            by: &BORA,
            message: "Deploy when a deployment is created (#4)",
            edits: &[Edit::Write(
                ".github/workflows/deploy.yml",
                include_str!("workflows/deploy.yml"),
            )],
            failed: None,
        },
        Commit {
            ago: 9 * DAY + 2 * HOUR,
            by: &MINJI,
            message: "Find people by the beginning of their name (#6)",
            edits: &[
                Edit::Write(
                    "src/search.rs",
                    "//! Finding people.\n\n/// Whether a name begins so, in any case.\npub fn begins(name: &str, with: &str) -> bool {\n    name.to_lowercase().starts_with(&with.to_lowercase())\n}\n",
                ),
                Edit::Replace(
                    PAGE,
                    "    </dl>",
                    "      <dt><code>GET /people?q=mi</code></dt>\n      <dd>Those whose name begins so.</dd>\n    </dl>",
                ),
            ],
            failed: None,
        },
        Commit {
            ago: 7 * DAY,
            by: &JOON,
            message: "Answer at most a hundred at once (#7)",
            edits: &[Edit::Replace(
                "src/people.rs",
                "/// All names, sorted.\n",
                "/// Names, sorted, at most a hundred.\n",
            )],
            failed: None,
        },
        Commit {
            ago: 6 * DAY + 4 * HOUR,
            by: &MINJI,
            message: "Answer 404 with a sentence (#9)",
            edits: &[Edit::Replace(
                MAIN,
                "get(people::list));",
                "get(people::list))\n        .fallback(|| async { (axum::http::StatusCode::NOT_FOUND, \"There is nothing here.\") });",
            )],
            failed: Some("test"),
        },
        Commit {
            ago: 6 * DAY + 2 * HOUR,
            by: &MINJI,
            message: "Expect the sentence in the test of 404 (#10)",
            edits: &[Edit::Write(
                "tests/not_found.rs",
                "//! What is not there is answered with a sentence.\n",
            )],
            failed: None,
        },
        Commit {
            ago: 4 * DAY + 6 * HOUR,
            by: &JOON,
            message: "Keep the list for a minute (#11)",
            edits: &[Edit::Write(
                "src/cache.rs",
                "//! What was read a moment ago.\n\n/// How long it counts, in seconds.\npub const SECONDS: u64 = 60;\n",
            )],
            failed: None,
        },
        Commit {
            ago: 4 * DAY + 3 * HOUR,
            by: &JOON,
            message: "Keep the list for five seconds only (#12)\n\nA minute was long enough for people to ask where they are.",
            edits: &[Edit::Replace("src/cache.rs", "= 60;", "= 5;")],
            failed: None,
        },
        Commit {
            ago: 2 * DAY,
            by: &BORA,
            message: "Log one line a request (#14)",
            edits: &[Edit::Write(
                "src/log.rs",
                "//! One line a request: method, path, status, milliseconds.\n",
            )],
            failed: None,
        },
        Commit {
            ago: 9 * HOUR,
            by: &MINJI,
            message: "Sort names as people do (#15)",
            edits: &[Edit::Replace(
                "src/people.rs",
                "/// Names, sorted, at most a hundred.\n",
                "/// Names, sorted whatever their case, at most a hundred.\n",
            )],
            failed: None,
        },
    ],
    deployments: &[
        Deployment {
            ago: 11 * DAY,
            by: &BORA,
            environment: "development",
            number: 4,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 11 * DAY - 20,
            by: &BORA,
            environment: "production",
            number: 4,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 9 * DAY,
            by: &MINJI,
            environment: "development",
            number: 6,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 9 * DAY - 45,
            by: &MINJI,
            environment: "staging",
            number: 6,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 7 * DAY - 60,
            by: &JOON,
            environment: "production",
            number: 7,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 6 * DAY,
            by: &MINJI,
            environment: "production",
            number: 10,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 4 * DAY + 5 * HOUR,
            by: &JOON,
            environment: "production",
            number: 11,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 4 * DAY + 4 * HOUR,
            by: &JOON,
            environment: "production",
            number: 10,
            outcome: Outcome::Rollback,
        },
        Deployment {
            ago: 4 * DAY + 2 * HOUR,
            by: &JOON,
            environment: "production",
            number: 12,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 2 * DAY - 30,
            by: &BORA,
            environment: "staging",
            number: 14,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 2 * DAY - 90,
            by: &BORA,
            environment: "production",
            number: 14,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 8 * HOUR,
            by: &MINJI,
            environment: "development",
            number: 15,
            outcome: Outcome::Failure("CrashLoopBackOff in 1 of 3 pods"),
        },
        Deployment {
            ago: 7 * HOUR,
            by: &MINJI,
            environment: "development",
            number: 15,
            outcome: Outcome::Success,
        },
    ],
    arrives: Some(&Commit {
        ago: 0,
        by: &BORA,
        message: "Bump axum to 0.8 (#16)",
        edits: &[Edit::Replace(
            "Cargo.toml",
            "axum = \"0.7\"",
            "axum = \"0.8\"",
        )],
        failed: None,
    }),
};
