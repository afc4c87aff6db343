//! Serves somebody's clone without ever writing to it: a bare repository of our
//! own that holds the clone's branches and tags by name and finds all objects
//! in the clone. What is committed later is written to our own.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use anyhow::Context as _;
use gix::{ObjectId, bstr::ByteSlice as _};

use super::{create_bare, open};

/// Makes the bare repository in `dir` and tells its default branch.
pub(super) fn borrow(clone: &Path, dir: &Path) -> anyhow::Result<String> {
    let source = gix::open_opts(clone, super::options())
        .with_context(|| format!("cannot open {} as a git repository", clone.display()))?;
    let mut refs = named(&source)?;
    let default_branch = default_branch(&source, &mut refs)?;
    create_bare(dir, &default_branch)?;
    borrow_objects(&source, dir)?;
    copy_shallow_boundary(&source, dir)?;
    let mut packed = String::from("# pack-refs with: sorted \n");
    for (name, id) in &refs {
        writeln!(packed, "{id} {name}").expect("writing to a string does not fail");
    }
    fs::write(dir.join("packed-refs"), packed).context("cannot write the names of branches")?;
    open(dir)?;
    Ok(default_branch)
}

/// Branches and tags, and as branches also those of origin that have no local
/// one, which is most of them in an ordinary clone. Those whose names are not
/// UTF-8 are left out, as GitHub refuses them.
fn named(source: &gix::Repository) -> anyhow::Result<BTreeMap<String, ObjectId>> {
    let platform = source.references().context("cannot list references")?;
    let branches = platform.local_branches().context("cannot list branches")?;
    let tags = platform.tags().context("cannot list tags")?;
    let mut refs = BTreeMap::new();
    for reference in branches.chain(tags) {
        let reference = reference.context("cannot read a reference")?;
        let Ok(name) = reference.name().as_bstr().to_str() else {
            continue;
        };
        // A symbolic branch stands for the branch that it names.
        let name = name.to_owned();
        let id = match reference.try_id() {
            Some(id) => id.detach(),
            None => match source.find_reference(name.as_str())?.into_fully_peeled_id() {
                Ok(id) => id.detach(),
                // It names a branch without a commit: nothing to serve.
                Err(_) => continue,
            },
        };
        refs.insert(name, id);
    }
    let of_remotes = platform
        .remote_branches()
        .context("cannot list remote branches")?;
    for reference in of_remotes {
        let reference = reference.context("cannot read a remote branch")?;
        let Ok(name) = reference.name().as_bstr().to_str() else {
            continue;
        };
        // `origin/HEAD` is symbolic: it names one of the others.
        if let (Some(branch), Some(id)) = (
            name.strip_prefix("refs/remotes/origin/"),
            reference.try_id(),
        ) {
            refs.entry(format!("refs/heads/{branch}"))
                .or_insert(id.detach());
        }
    }
    Ok(refs)
}

/// What the clone's origin calls its default branch, else the branch that is
/// checked out. It is added where there is only a remote-tracking branch or a
/// detached head, as on a build machine.
fn default_branch(
    source: &gix::Repository,
    refs: &mut BTreeMap<String, ObjectId>,
) -> anyhow::Result<String> {
    if let Some(name) = origin_default(source)? {
        let full = format!("refs/heads/{name}");
        if refs.contains_key(&full) {
            return Ok(name);
        }
        if let Some(mut tracking) =
            source.try_find_reference(format!("refs/remotes/origin/{name}").as_str())?
        {
            refs.insert(full, tracking.peel_to_id()?.detach());
            return Ok(name);
        }
    }
    if let Some(name) = source.head_name().context("cannot read HEAD")? {
        return Ok(name.shorten().to_str_lossy().into_owned());
    }
    for name in ["main", "master"] {
        if refs.contains_key(&format!("refs/heads/{name}")) {
            return Ok(name.to_owned());
        }
    }
    let head = source.head_id().context("cannot read HEAD")?.detach();
    refs.insert("refs/heads/main".to_owned(), head);
    Ok("main".to_owned())
}

fn origin_default(source: &gix::Repository) -> anyhow::Result<Option<String>> {
    let Some(head) = source.try_find_reference("refs/remotes/origin/HEAD")? else {
        return Ok(None);
    };
    let Some(target) = head.target().try_name().map(ToOwned::to_owned) else {
        return Ok(None);
    };
    let name = target.as_bstr().to_str_lossy();
    Ok(name.strip_prefix("refs/remotes/origin/").map(str::to_owned))
}

fn borrow_objects(source: &gix::Repository, dir: &Path) -> anyhow::Result<()> {
    let objects = source.common_dir().join("objects");
    let objects = fs::canonicalize(&objects)
        .with_context(|| format!("cannot find the objects in {}", objects.display()))?;
    let mut line = objects.into_os_string().into_encoded_bytes();
    anyhow::ensure!(
        !line.contains(&b'\n'),
        "the path of a clone must not contain a line break"
    );
    line.push(b'\n');
    let info = dir.join("objects").join("info");
    fs::create_dir_all(&info).context("cannot make the folder objects/info")?;
    fs::write(info.join("alternates"), line).context("cannot write objects/info/alternates")
}

fn copy_shallow_boundary(source: &gix::Repository, dir: &Path) -> anyhow::Result<()> {
    let boundary = source
        .shallow_file()
        .context("cannot tell whether the clone is shallow")?;
    if boundary.is_file() {
        fs::copy(&boundary, dir.join("shallow"))
            .context("cannot copy the boundary of a shallow clone")?;
    }
    Ok(())
}
