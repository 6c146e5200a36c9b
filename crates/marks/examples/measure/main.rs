//! The figures of the marks: `cargo run --release -p ressac-marks --example measure -- photographs | cifar | sheets | texts | unmarked FIRST COUNT`.
//!
//! The data lies in `../shared/data`. Tables go to standard output, in Markdown.

mod attacks;
mod images;
mod jpeg;
mod synthetic;
mod texts;
mod unmarked;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|n| n.parse().ok());
    match arguments.first().map(String::as_str) {
        Some("photographs") => {
            // Fewer of the larger ones, which cost more and are found more surely.
            for (side, step) in [(64, 1), (128, 4), (256, 16)] {
                images::table("Photographs (Flickr8k)", &images::photographs(side, step));
            }
        }
        Some("cifar") => images::table("CIFAR-10, enlarged", &images::cifar(1_000)),
        Some("sheets") => {
            images::table("Sheets of 16 clothes (Fashion-MNIST)", &images::sheets(100));
        }
        Some("texts") => texts::tables(),
        Some("unmarked") => unmarked::table(number(1).unwrap_or(0), number(2).unwrap_or(10_000)),
        _ => println!("measure photographs | cifar | sheets | texts | unmarked FIRST COUNT"),
    }
}
