//! Watched places and work that was given up, on the command line.

use crate::cli::Shell;

const ROOTS: &str = "SR360_WATCH_ROOTS";

#[test]
fn places_are_watched_below_the_roots_alone() {
    let shell = Shell::new();
    let root = shell.folder.path().join("exports");
    std::fs::create_dir_all(root.join("shop")).unwrap();
    let (root, shop) = (
        root.display().to_string(),
        format!("file://{}/shop", root.display()),
    );
    let file = shell.file(
        "a.csv",
        "Order,Date,Product,Quantity,Price,Currency\nA-1,2025-03-14,Mug,2,4.50,EUR\n",
    );
    shell.ok(&["import", &file, "--tenant", "shop", "--create"]);
    let run = |arguments: &[&str]| {
        let mut command = shell.command(&["watch"]);
        command.args(arguments).args(["--tenant", "shop"]);
        let output = command.env(ROOTS, &root).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout) + &text(output.stderr),
        )
    };
    // None is a root where the configuration names none.
    let refused = shell.fails(2, &["watch", "add", &shop, "--tenant", "shop"]);
    assert!(refused.contains("watch.roots"), "{refused}");
    let (code, id) = run(&["add", &shop, "--pattern", "*.csv"]);
    assert_eq!(code, Some(0), "{id}");
    let (_, listed) = run(&["list"]);
    let fields: Vec<&str> = listed.trim_end_matches('\n').split('\t').collect();
    assert_eq!(
        fields,
        [id.trim(), shop.as_str(), "*.csv", "never", "0", "0", ""]
    );
    for (arguments, says) in [
        (["add", &shop, "--pattern", "*.csv"], "watched already"),
        (["add", "file:///etc", "--pattern", "*"], "watch.roots"),
        (["add", "ftp://x/y", "--pattern", "*"], "s3://bucket/prefix"),
    ] {
        let (code, said) = run(&arguments);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(says), "{said}");
    }
    assert_eq!(run(&["remove", id.trim()]).0, Some(0));
    assert_eq!(run(&["remove", &shop]).0, Some(2), "there is none any more");
    assert_eq!(run(&["list"]), (Some(0), String::new()));

    assert_eq!(shell.ok(&["jobs", "list", "--tenant", "shop"]), "");
    let nobody = "01890a5d-ac96-774b-bcce-b302099a8057";
    let missing = shell.fails(2, &["jobs", "retry", nobody, "--tenant", "shop"]);
    assert!(missing.contains("there is no job"), "{missing}");
}
