//! `people`: the page of everyone who works here, and what a newcomer ships on
//! the first day.

use super::person::{BORA, JOON, MINJI};
use super::story::{Commit, Deployment, Edit, Outcome, Story};

/// The file to which a newcomer adds a line.
pub(crate) const PAGE: &str = "index.html";

/// What stands in that file where names are added.
pub(crate) const MARKER: &str = "<!-- Add yourself above this line. -->";

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

pub(crate) const STORY: Story = Story {
    name: "people",
    environments: &["production", "staging"],
    commits: &[
        Commit {
            ago: 11 * DAY,
            by: &BORA,
            message: "Begin the team page (#1)",
            edits: &[
                Edit::Write(PAGE, include_str!("people/index.html")),
                Edit::Write("style.css", include_str!("people/style.css")),
                Edit::Write("README.md", include_str!("people/README.md")),
            ],
            failed: None,
        },
        Commit {
            ago: 11 * DAY - 2 * HOUR,
            by: &BORA,
            message: "Build and check every commit (#2)",
            edits: &[Edit::Write(
                ".github/workflows/build.yml",
                include_str!("workflows/build.yml"),
            )],
            failed: None,
        },
        Commit {
            ago: 10 * DAY,
            by: &JOON,
            message: "Add Joon to the team page (#3)",
            edits: &[Edit::Replace(
                PAGE,
                "<li>Bora</li>\n",
                "<li>Bora</li>\n      <li>Joon</li>\n",
            )],
            failed: None,
        },
        Commit {
            ago: 9 * DAY,
            by: &BORA,
            message: "Deploy when a deployment is created (#4)",
            edits: &[Edit::Write(
                ".github/workflows/deploy.yml",
                include_str!("workflows/deploy.yml"),
            )],
            failed: None,
        },
        Commit {
            ago: 8 * DAY,
            by: &MINJI,
            message: "Add Minji to the team page (#5)",
            edits: &[Edit::Replace(
                PAGE,
                "<li>Joon</li>\n",
                "<li>Joon</li>\n      <li>Minji</li>\n",
            )],
            failed: None,
        },
        Commit {
            ago: 7 * DAY - 3 * HOUR,
            by: &JOON,
            message: "Give the names room (#6)",
            edits: &[Edit::Replace(
                "style.css",
                "padding: 0.25rem 0;",
                "padding: 0.4rem 0;",
            )],
            failed: None,
        },
        Commit {
            ago: 6 * DAY,
            by: &MINJI,
            message: "Say how to add yourself (#7)",
            edits: &[Edit::Replace(
                "README.md",
                "It is what you ship on your first day.\n",
                "It is what you ship on your first day:\nadd a line with your name to `index.html`, merge, and ask deploybot in #deploys.\n",
            )],
            failed: None,
        },
        Commit {
            ago: 5 * DAY,
            by: &BORA,
            message: "Follow the reader's dark mode (#8)",
            edits: &[
                Edit::Replace(
                    "style.css",
                    "body {\n",
                    ":root {\n  color-scheme: light dark;\n}\n\nbody {\n",
                ),
                Edit::Replace(
                    "style.css",
                    "  color: #22302b;\n  background: #fdfcf8;\n",
                    "  color: light-dark(#22302b, #e8efeb);\n  background: light-dark(#fdfcf8, #15201b);\n",
                ),
            ],
            failed: None,
        },
        Commit {
            ago: 4 * DAY,
            by: &JOON,
            message: "Try a serif font (#9)",
            edits: &[Edit::Replace("style.css", "sans-serif", "serif")],
            failed: None,
        },
        Commit {
            ago: 3 * DAY + 20 * HOUR,
            by: &JOON,
            message: "Use the system's font (#10)\n\nThe serif was hard to read on small screens.",
            edits: &[Edit::Replace("style.css", "serif", "system-ui, sans-serif")],
            failed: None,
        },
        Commit {
            ago: 2 * DAY + 5 * HOUR,
            by: &MINJI,
            message: "Mark every name with a dot (#11)",
            edits: &[Edit::Replace(
                "style.css",
                "li {\n",
                "li{list-style:disc;\n",
            )],
            failed: Some("lint"),
        },
        Commit {
            ago: 2 * DAY + 4 * HOUR,
            by: &MINJI,
            message: "Write the dots as the linter wants them (#12)",
            edits: &[Edit::Replace(
                "style.css",
                "li{list-style:disc;\n",
                "li {\n  list-style: disc;\n",
            )],
            failed: None,
        },
        Commit {
            ago: DAY + 2 * HOUR,
            by: &BORA,
            message: "Say what the page is in its title (#13)",
            edits: &[Edit::Replace(
                PAGE,
                "<title>The people of Acme</title>",
                "<title>The people of Acme, by name</title>",
            )],
            failed: None,
        },
        Commit {
            ago: 5 * HOUR,
            by: &JOON,
            message: "Round the edges (#14)",
            edits: &[Edit::Replace(
                "style.css",
                "  padding: 0.4rem 0;\n",
                "  padding: 0.4rem 0.8rem;\n  border-radius: 0.5rem;\n",
            )],
            failed: None,
        },
        Commit {
            ago: 70,
            by: &MINJI,
            message: "Greet whoever comes by (#15)",
            edits: &[Edit::Replace(
                PAGE,
                "Everyone who has shipped something here.",
                "Hello! These are the people who have shipped something here.",
            )],
            failed: None,
        },
    ],
    deployments: &[
        Deployment {
            ago: 9 * DAY - 30,
            by: &BORA,
            environment: "staging",
            number: 4,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 9 * DAY - 60,
            by: &BORA,
            environment: "production",
            number: 4,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 8 * DAY - 20,
            by: &MINJI,
            environment: "production",
            number: 5,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 5 * DAY - 60,
            by: &BORA,
            environment: "staging",
            number: 8,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 5 * DAY - 90,
            by: &BORA,
            environment: "production",
            number: 8,
            outcome: Outcome::Failure("ImagePullBackOff in 3 of 3 pods"),
        },
        Deployment {
            ago: 5 * DAY - 110,
            by: &BORA,
            environment: "production",
            number: 8,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 4 * DAY - 15,
            by: &JOON,
            environment: "production",
            number: 9,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 4 * DAY - 40,
            by: &JOON,
            environment: "production",
            number: 8,
            outcome: Outcome::Rollback,
        },
        Deployment {
            ago: 3 * DAY + 19 * HOUR,
            by: &JOON,
            environment: "production",
            number: 10,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: DAY + HOUR,
            by: &BORA,
            environment: "production",
            number: 13,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 60,
            by: &MINJI,
            environment: "staging",
            number: 15,
            outcome: Outcome::Success,
        },
    ],
    arrives: None,
};
