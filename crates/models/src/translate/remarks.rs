//! What a person should know of their pairs before a training.

use ressac_data::pairs::{self, overlap};

use super::config::TranslateConfig;
use super::resolve::Resolved;
use crate::family::Remark;
use crate::text::TokenizerKind;

/// A token that stands for fewer tokens of the training part than this has little to learn from.
const FEW: f64 = 5.0;

/// The remarks on these parts.
pub(super) fn of(resolved: &Resolved) -> Vec<Remark> {
    let prepared = &resolved.parts;
    let parts = &prepared.parts;
    let most = resolved.config.texts.max_length.unwrap_or(usize::MAX);
    let mut remarks: Vec<Remark> = pairs::remarks(&parts.train, most)
        .into_iter()
        .map(Remark::from)
        .collect();
    remarks.extend(left_out(resolved));
    for (name, part) in [("validation", &parts.valid), ("test", &parts.test)] {
        let found = overlap(&parts.train, part).sentence(name, part);
        remarks.extend(found.map(Remark::from));
    }
    let others: [(&str, &[String]); 2] = [
        ("validation", &parts.valid.sources),
        ("test", &parts.test.sources),
    ];
    remarks.extend(prepared.fitted.remarks(&parts.train.sources, &others));
    remarks.extend(too_many(resolved));
    remarks
}

/// The pairs that cannot be learnt from.
pub(super) fn left_out(resolved: &Resolved) -> Option<Remark> {
    let prepared = &resolved.parts;
    let all = prepared.parts.train.len();
    let most = resolved.config.texts.max_length.unwrap_or(usize::MAX);
    let left_out = all - prepared.training.len();
    (left_out > 0).then(|| {
        Remark::new(
            format!(
                "{left_out} of {all} pairs of the training part are not learnt from: a side is empty, or has more than {most} tokens (`max_length`)"
            ),
            &["max_length"],
        )
    })
}

/// A vocabulary that is larger than the pairs support.
fn too_many(resolved: &Resolved) -> Option<Remark> {
    let prepared = &resolved.parts;
    let TranslateConfig { texts, .. } = &resolved.config;
    if texts.tokenizer != Some(TokenizerKind::Subwords) {
        return None;
    }
    let targets = prepared
        .targets
        .as_ref()
        .unwrap_or(&prepared.fitted.tokenizer);
    let tokens: usize = prepared.training.targets.iter().map(Vec::len).sum();
    let each = tokens as f64 / targets.known().max(1) as f64;
    (each < FEW).then(|| {
        Remark::new(
            format!(
                "each of {} {} occurs {each:.1} times in the targets on average: the pairs support fewer (`words`)",
                targets.known(),
                targets.kind().unit()
            ),
            &["words"],
        )
    })
}
