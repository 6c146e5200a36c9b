//! A disk that is full while a training writes. A limit on the size of a file stands for it: like a
//! full disk it lets small writes pass, cuts a larger one short and answers with an error.

use std::fs;
use std::process::{Command, Stdio};

use crate::harness::{Place, Ran, SMALL, entries};

/// Runs a command that may write no file above `blocks` of 512 bytes. The signal that comes with the
/// limit is ignored, as a full disk sends none.
pub(crate) fn run_limited(place: &Place, line: &str, blocks: u64) -> Ran {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let inner = place.command(line);
    let output = Command::new("sh")
        .args(["-c", &script, "sh"])
        .arg(inner.get_program())
        .args(inner.get_args())
        .current_dir(place.path(""))
        .env_remove("RUST_LOG")
        .env_remove("RESSAC_ISA")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_checkpoint_that_finds_no_room_ends_training_with_a_message_and_a_folder_that_goes_on() {
    let place = Place::with_load();
    place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --out whole"
        ))
        .succeeded();
    // Room for the weights, and so for the first checkpoint, which holds nothing else; none for a
    // later one, which holds both moments and the best weights besides.
    let weights = place.weights("whole").len() as u64;
    let ran = run_limited(
        &place,
        &format!("train forecast --data load.csv {SMALL} --out full"),
        (2 * weights).div_ceil(512),
    );
    ran.refused(
        1,
        &[
            "can no longer be saved",
            "cannot write",
            "checkpoints",
            "checkpoint of step 0 is whole",
            "--resume",
        ],
    );
    // Both epochs were validated before the checkpoint at the end, so there are weights to use.
    let shown = place.run("show full").succeeded();
    assert!(shown.out.contains("not finished"), "{}", shown.out);
    place.run("predict full").succeeded();
    let left = entries(&place.path("full"));
    assert!(
        !left.iter().any(|name| name.contains("partial")),
        "{left:?}"
    );
    let left = entries(&place.path("full").join("checkpoints"));
    assert_eq!(
        left,
        ["step-0000000000.json", "step-0000000000.safetensors"]
    );

    place.run("train forecast --resume --out full").succeeded();
    assert_eq!(place.weights("full"), place.weights("whole"));
}

#[test]
fn a_training_that_finds_no_room_at_all_says_so_and_is_not_taken_for_a_model() {
    let place = Place::with_load();
    let options = format!("train forecast --data load.csv {SMALL} --out full");
    run_limited(&place, &options, 0).refused(1, &["cannot write", "full"]);
    assert!(!place.path("full").join("config.toml").exists());
    place
        .run("show full")
        .refused(1, &["is not a model folder"]);
    // Only an empty folder is left, and training in it works once there is room.
    assert_eq!(entries(&place.path("full")), Vec::<String>::new());
    place.run(&options).succeeded();
}

#[test]
fn a_first_checkpoint_that_finds_no_room_says_that_there_is_none_to_go_on_from() {
    let place = Place::with_load();
    place
        .run(&format!(
            "train forecast --data load.csv {SMALL} --out whole"
        ))
        .succeeded();
    let options = format!("train forecast --data load.csv {SMALL} --out full");
    // Room for the configuration, none for the weights.
    let config = fs::metadata(place.path("whole").join("config.toml")).unwrap();
    let pipeline = fs::metadata(place.path("whole").join("pipeline.json")).unwrap();
    let blocks = config.len().max(pipeline.len()).div_ceil(512) + 1;
    assert!((place.weights("whole").len() as u64) > 512 * blocks);
    run_limited(&place, &options, blocks).refused(
        1,
        &[
            "can no longer be saved",
            "There is no checkpoint yet",
            "another folder",
        ],
    );
    place
        .run("show full")
        .refused(1, &["weights.safetensors", "before its first validation"]);
    place
        .run("train forecast --resume --out full")
        .refused(1, &["no checkpoint", "Train from the start"]);
}
