//! `web`: the company's front page. Its newest commit has a failed check, so it
//! cannot go out.

use super::person::{BORA, JOON, MINJI};
use super::story::{Commit, Deployment, Edit, Outcome, Story};

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

const PAGE: &str = "index.html";
const STYLE: &str = "style.css";

pub(crate) const STORY: Story = Story {
    name: "web",
    environments: &["production", "staging"],
    commits: &[
        Commit {
            ago: 12 * DAY,
            by: &MINJI,
            message: "Begin the front page (#1)",
            edits: &[
                Edit::Write(PAGE, include_str!("web/index.html")),
                Edit::Write(STYLE, include_str!("web/style.css")),
                Edit::Write("README.md", "# web\n\nThe front page of Acme.\n"),
            ],
            failed: None,
        },
        Commit {
            ago: 12 * DAY - HOUR,
            by: &BORA,
            message: "Build and check every commit (#2)",
            edits: &[Edit::Write(
                ".github/workflows/build.yml",
                include_str!("workflows/build.yml"),
            )],
            failed: None,
        },
        Commit {
            ago: 11 * DAY,
            by: &BORA,
            message: "Deploy when a deployment is created (#3)",
            edits: &[Edit::Write(
                ".github/workflows/deploy.yml",
                include_str!("workflows/deploy.yml"),
            )],
            failed: None,
        },
        Commit {
            ago: 9 * DAY,
            by: &MINJI,
            message: "Say what we make (#4)",
            edits: &[Edit::Replace(
                PAGE,
                "    <main>\n",
                "    <main>\n      <h2>Anvils</h2>\n      <p>Heavy ones, in four sizes.</p>\n",
            )],
            failed: None,
        },
        Commit {
            ago: 8 * DAY - 2 * HOUR,
            by: &JOON,
            message: "Sell springs too (#5)",
            edits: &[Edit::Replace(
                PAGE,
                "    </main>\n",
                "      <h2>Springs</h2>\n      <p>Light ones, by the metre.</p>\n    </main>\n",
            )],
            failed: None,
        },
        Commit {
            ago: 6 * DAY,
            by: &JOON,
            message: "Use the system's font (#7)",
            edits: &[Edit::Replace(STYLE, "serif", "system-ui, sans-serif")],
            failed: None,
        },
        Commit {
            ago: 5 * DAY + 7 * HOUR,
            by: &MINJI,
            message: "Give the head a colour (#8)",
            edits: &[Edit::Replace(
                STYLE,
                "header,\nmain {\n",
                "header {\n  color: #ffffff;\n  background: #4a3a6b;\n}\n\nheader,\nmain {\n",
            )],
            failed: None,
        },
        Commit {
            ago: 3 * DAY,
            by: &BORA,
            message: "Set a width that reads well (#9)",
            edits: &[Edit::Replace(
                STYLE,
                "  padding: 2rem;\n",
                "  padding: 2rem max(2rem, calc(50% - 20rem));\n",
            )],
            failed: None,
        },
        Commit {
            ago: 2 * DAY + 6 * HOUR,
            by: &JOON,
            message: "Promise delivery within a day (#10)",
            edits: &[Edit::Replace(
                PAGE,
                "<p>We make things.</p>",
                "<p>We make things, and bring them within a day.</p>",
            )],
            failed: None,
        },
        Commit {
            ago: DAY + 3 * HOUR,
            by: &MINJI,
            message: "Say where we are (#11)",
            edits: &[Edit::Replace(
                PAGE,
                "    </main>\n",
                "    </main>\n    <footer>\n      <p>Acme, at the end of the road.</p>\n    </footer>\n",
            )],
            failed: None,
        },
        Commit {
            ago: 3 * HOUR,
            by: &JOON,
            message: "Try a brighter head (#12)",
            edits: &[Edit::Replace(STYLE, "#4a3a6b", "#7A4FD0")],
            failed: Some("lint"),
        },
    ],
    deployments: &[
        Deployment {
            ago: 11 * DAY - 30,
            by: &BORA,
            environment: "staging",
            number: 3,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 11 * DAY - 60,
            by: &BORA,
            environment: "production",
            number: 3,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 8 * DAY - 3 * HOUR,
            by: &JOON,
            environment: "production",
            number: 5,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 5 * DAY + 6 * HOUR,
            by: &MINJI,
            environment: "staging",
            number: 8,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 5 * DAY + 5 * HOUR,
            by: &MINJI,
            environment: "production",
            number: 8,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 2 * DAY + 5 * HOUR,
            by: &JOON,
            environment: "production",
            number: 10,
            outcome: Outcome::Success,
        },
        Deployment {
            ago: 2 * DAY + 4 * HOUR,
            by: &BORA,
            environment: "production",
            number: 9,
            outcome: Outcome::Rollback,
        },
        Deployment {
            ago: DAY + 2 * HOUR,
            by: &MINJI,
            environment: "staging",
            number: 11,
            outcome: Outcome::Success,
        },
    ],
    arrives: None,
};
