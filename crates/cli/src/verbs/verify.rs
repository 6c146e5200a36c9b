//! `ressac verify`: whether files carry marks of having been made by a model, and whether they were changed since.

use serde_json::{Value, json};

use crate::args::VerifyArgs;
use crate::failure::Failure;
use crate::marks::verify;
use crate::output::Output;

pub(crate) fn run(args: &VerifyArgs, output: &Output) -> Result<(), Failure> {
    let (mut marked, mut files) = (0, Vec::new());
    for path in &args.files {
        let verified = verify(path)?;
        output.result(&format!("{}:", path.display()));
        for line in &verified.lines {
            output.result(&format!("  {line}"));
        }
        marked += usize::from(verified.found);
        files.push(Value::Object(verified.json));
    }
    output.json(&json!({ "files": files, "marked": marked }));
    match marked {
        0 => Ok(()),
        marked => Err(Failure::found(format!(
            "{marked} of {} {} marks of having been made by a model",
            args.files.len(),
            if args.files.len() == 1 {
                "file has"
            } else {
                "files have"
            }
        ))),
    }
}
