//! Files of several images as examples: IDX, with the file of labels beside it, and CIFAR, and the
//! names of classes that lie beside either.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::folder::Read;
use super::media::{self, Held, Item, MediaKind, unfit};
use super::{ExampleOptions, Labels};
use crate::error::{DataError, Place, shown};
use crate::picture::cifar::{self, Set};
use crate::picture::{Stack, idx};
use crate::read::{Assumption, ending, read_file, text_of, unpack};

/// Names of classes beside the images, the surest first.
const NAMES: [&str; 1] = ["classes.txt"];
const NAMES_OF_TEN: [&str; 2] = ["classes.txt", "batches.meta.txt"];
const NAMES_OF_HUNDRED: [&str; 2] = ["classes.txt", FINE];
const FINE: &str = "fine_label_names.txt";

/// The examples of files of several images, each on disk or with its bytes in memory; nothing if none of
/// them is one. The images of an IDX file without labels have no classes, and then none may have any.
pub(super) fn read(
    files: &[(&Path, Option<&[u8]>)],
    options: &ExampleOptions,
) -> Result<Option<Read>, DataError> {
    let is_stack = |file: &&(&Path, Option<&[u8]>)| is_stack(file.0, file.1);
    if !files.iter().any(|file| is_stack(&file)) {
        return Ok(None);
    }
    if let Some((other, _)) = files.iter().find(|file| !is_stack(file)) {
        return Err(unfit(
            other,
            "beside it are files of several images (IDX, CIFAR), and it is none of them",
            "Give such files alone.",
        ));
    }
    let mut told = Vec::new();
    let items = items(files, options, &mut told)?;
    Ok(Some((media::read(items, options, &mut told)?, told)))
}

/// Whether a file holds several images, or their labels: by its name, or by its first bytes.
fn is_stack(file: &Path, bytes: Option<&[u8]>) -> bool {
    use std::io::Read as _;
    match (MediaKind::of(file), bytes) {
        (Some(kind), Some(_)) => kind == MediaKind::Stack,
        (None, Some(bytes)) => begins_like_idx(bytes),
        (Some(kind), None) => kind == MediaKind::Stack && !file.is_dir(),
        // Of a pipe, what is read once is gone.
        (None, None) if !file.is_file() => false,
        (None, None) => {
            let mut head = Vec::new();
            let file = std::fs::File::open(file);
            let read = file.and_then(|file| file.take(512).read_to_end(&mut head));
            read.is_ok() && begins_like_idx(&head)
        }
    }
}

fn begins_like_idx(bytes: &[u8]) -> bool {
    use std::io::Read as _;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return idx::begins(bytes);
    }
    let mut head = [0; 4];
    let read = flate2::read::GzDecoder::new(bytes).read_exact(&mut head);
    read.is_ok() && idx::begins(&head)
}

/// The images of files, which have classes all or none.
fn items<'a>(
    files: &[(&Path, Option<&'a [u8]>)],
    options: &ExampleOptions,
    told: &mut Vec<Assumption>,
) -> Result<Vec<Item<'a>>, DataError> {
    let mut items = Vec::new();
    let (mut with, mut without) = (None, None);
    for (file, bytes) in files {
        refuse_columns(file, options)?;
        let read = StackFile::read(file, *bytes)?;
        let classes = match options.label {
            Labels::Absent => None,
            _ => read.classes(told)?,
        };
        match classes {
            Some(_) => with = with.or(Some(file)),
            None => without = without.or(Some(file)),
        }
        let name = read.name();
        let mut classes = classes.map(Vec::into_iter);
        let stack = Rc::new(read.stack);
        items.extend((0..stack.count()).map(|at| Item {
            file: (*file).to_owned(),
            held: Held::Stack(Rc::clone(&stack), at),
            id: format!("{name}#{at}"),
            label: classes.as_mut().and_then(Iterator::next),
        }));
    }
    match (with, without) {
        (Some(with), Some(without)) => Err(unfit(
            without,
            format!(
                "of this file and {}, only the other has classes",
                with.display()
            ),
            "Put the file of its labels beside it, with `labels` in its name for `images`.",
        )),
        _ => Ok(items),
    }
}

/// Refuses columns of files, and places of classes that such files do not have.
fn refuse_columns(file: &Path, options: &ExampleOptions) -> Result<(), DataError> {
    let wanted = match options.label {
        _ if options.file.is_some() => "a column of files was named",
        Labels::FromFolder => "classes were to come from the names of folders",
        Labels::Column(_) => "a column of classes was named",
        Labels::Several { .. } => "several classes in a cell were asked for",
        Labels::Inferred | Labels::Absent => return Ok(()),
    };
    Err(unfit(
        file,
        format!("{wanted}, and it holds images whose labels are in it or in a file beside it"),
        "Leave that out.",
    ))
}

/// A file of several images.
struct StackFile<'a, 'f> {
    file: &'f Path,
    on_disk: bool,
    stack: Stack<'a>,
    /// `None` for IDX.
    set: Option<Set>,
    /// Whether the length alone does not tell which set it is.
    unsure: bool,
}

impl<'a, 'f> StackFile<'a, 'f> {
    fn read(file: &'f Path, bytes: Option<&'a [u8]>) -> Result<Self, DataError> {
        let on_disk = bytes.is_none();
        let bytes = match bytes {
            Some(bytes) => unpack(file, bytes)?,
            None => Cow::Owned(unpacked(file)?),
        };
        if ending(file) != "bin" {
            return Ok(StackFile {
                file,
                on_disk,
                stack: idx::images(file, bytes)?,
                set: None,
                unsure: false,
            });
        }
        let (set, unsure) = match cifar::sets(bytes.len())[..] {
            [] => (Set::Ten, false),
            [only] => (only, false),
            _ if is_of_hundred(file, on_disk) => (Set::Hundred, true),
            _ => (Set::Ten, true),
        };
        Ok(StackFile {
            file,
            on_disk,
            stack: cifar::images(file, bytes, set)?,
            set: Some(set),
            unsure,
        })
    }

    fn name(&self) -> Cow<'f, str> {
        self.file.file_name().unwrap_or_default().to_string_lossy()
    }

    /// The class of each image, if there are any; where they come from is told.
    fn classes(&self, told: &mut Vec<Assumption>) -> Result<Option<Vec<String>>, DataError> {
        let mut tell = |found: String| {
            let unsure = match (self.set, self.unsure) {
                (Some(set), true) => format!(", read as {}, of whole images of both", set.name()),
                (Some(set), false) => format!(", {}", set.name()),
                (None, _) => String::new(),
            };
            let found = format!("{}{unsure}: {found}", self.name());
            told.push(Assumption::new("classes", found));
        };
        let (labels, of_labels, mut from, names) = match (self.set, self.stack.labels()) {
            (Some(set), Some(labels)) => {
                let (from, names) = match set {
                    Set::Ten => ("the first byte of each image", NAMES_OF_TEN),
                    Set::Hundred => (
                        "the second byte of each image (fine, not coarse)",
                        NAMES_OF_HUNDRED,
                    ),
                };
                let of_labels = self.file.to_owned();
                (labels, of_labels, from.to_owned(), names.to_vec())
            }
            _ => {
                let beside = label_files(self.file);
                let found = beside.iter().find(|file| self.on_disk && file.is_file());
                let Some(found) = found else {
                    tell("none: no file of labels lies beside it".to_owned());
                    return Ok(None);
                };
                let from = format!("the labels in {}", file_name(found));
                (self.labels(found)?, found.clone(), from, NAMES.to_vec())
            }
        };
        let named = match self.on_disk {
            true => names_beside(self.file, &names)?,
            false => None,
        };
        let Some((of_names, names)) = named else {
            tell(from);
            return Ok(Some(labels.iter().map(u8::to_string).collect()));
        };
        from.push_str(&format!(", with the names in {}", file_name(&of_names)));
        tell(from);
        let named = labels.iter().enumerate().map(|(at, label)| {
            let name = names.get(usize::from(*label)).cloned();
            name.ok_or_else(|| DataError::Unexpected {
                file: of_labels.clone(),
                place: Place::Row(at + 1),
                expected: format!(
                    "a label less than {}, the number of names in {}",
                    names.len(),
                    of_names.display()
                )
                .into(),
                found: label.to_string().into(),
                advice: "Add the missing names, or take their file away.",
            })
        });
        named.collect::<Result<_, _>>().map(Some)
    }

    /// The labels of another file, as many as there are images.
    fn labels(&self, of_labels: &Path) -> Result<Vec<u8>, DataError> {
        let bytes = unpacked(of_labels)?;
        let labels = idx::labels(of_labels, &bytes)?;
        match labels.len() == self.stack.count() {
            true => Ok(labels.to_owned()),
            false => Err(unfit(
                of_labels,
                format!(
                    "it holds {} labels, and {} has {} images",
                    labels.len(),
                    self.file.display(),
                    self.stack.count()
                ),
                "Put the labels of these images beside them.",
            )),
        }
    }
}

/// The files beside a file of several images that its examples are read with: labels, and names of classes.
pub(crate) fn beside(file: &Path) -> Vec<PathBuf> {
    if MediaKind::of(file) != Some(MediaKind::Stack) {
        return Vec::new();
    }
    let names = NAMES_OF_TEN.iter().chain(&[FINE]);
    let names = names.map(|name| file.with_file_name(name));
    let found = label_files(file).into_iter().chain(names);
    found.filter(|file| file.is_file()).collect()
}

fn file_name(file: &Path) -> Cow<'_, str> {
    file.file_name().unwrap_or_default().to_string_lossy()
}

/// The bytes of a file on disk, gzip undone.
fn unpacked(file: &Path) -> Result<Vec<u8>, DataError> {
    let bytes = read_file(file)?;
    let unpacked = match unpack(file, &bytes)? {
        Cow::Owned(unpacked) => Some(unpacked),
        Cow::Borrowed(_) => None,
    };
    Ok(unpacked.unwrap_or(bytes))
}

/// Whether its name, that of its folder or a file beside it says CIFAR-100.
fn is_of_hundred(file: &Path, on_disk: bool) -> bool {
    let mut names = file.iter().rev().take(2).map(|name| name.to_string_lossy());
    let says_so = |name: &str| name.replace(['-', '_'], "").contains("cifar100");
    names.any(|name| says_so(&name.to_ascii_lowercase()))
        || (on_disk && file.with_file_name(FINE).is_file())
}

/// Where the labels of a file of images would be, packed and not.
fn label_files(file: &Path) -> Vec<PathBuf> {
    let name = file_name(file);
    let mut of_labels = name.replace("images", "labels");
    for of_images in ["idx3", "idx4"] {
        of_labels = of_labels.replace(of_images, "idx1");
    }
    if of_labels == name {
        return Vec::new();
    }
    let other = match of_labels.strip_suffix(".gz") {
        Some(plain) => plain.to_owned(),
        None => format!("{of_labels}.gz"),
    };
    [of_labels, other]
        .map(|name| file.with_file_name(name))
        .to_vec()
}

/// The file of names beside a file, and its names: one a line, no two alike.
fn names_beside(file: &Path, known: &[&str]) -> Result<Option<(PathBuf, Vec<String>)>, DataError> {
    let mut beside = known.iter().map(|name| file.with_file_name(name));
    let Some(of_names) = beside.find(|file| file.is_file()) else {
        return Ok(None);
    };
    let bytes = read_file(&of_names)?;
    let text = text_of(&of_names, &bytes, &mut Vec::new())?;
    let names: Vec<String> = text
        .trim_end()
        .lines()
        .map(|n| n.trim().to_owned())
        .collect();
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        let found = match (name.as_str(), lines.insert(name, at + 1)) {
            ("", _) => "an empty line".to_owned(),
            (_, Some(line)) => format!("`{}`, as in line {line}", shown(name)),
            _ => continue,
        };
        return Err(DataError::Unexpected {
            file: of_names,
            place: Place::Line(at + 1),
            expected: "the name of a class, another in each line".into(),
            found: found.into(),
            advice: "Correct the line, or take the file away.",
        });
    }
    Ok(Some((of_names, names)))
}
