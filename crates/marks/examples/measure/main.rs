//! Measures marks.
mod jpeg;
use ressac_data::picture::{self, Colour};
use ressac_marks::{Key, Pixels, image};

fn main() {
    let n: usize = std::env::var("N").ok().and_then(|v| v.parse().ok()).unwrap_or(100);
    let size: usize = std::env::var("SIZE").ok().and_then(|v| v.parse().ok()).unwrap_or(64);
    let mut files: Vec<_> = std::fs::read_dir("/work/shared/data/flickr8k_small/images").unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let key = Key::project();
    let mut psnrs = vec![];
    let mut found = [0usize; 8];
    let mut worst = [vec![], vec![], vec![], vec![], vec![], vec![],vec![],vec![]];
    for (i, f) in files.iter().take(n).enumerate() {
        let bytes = std::fs::read(f).unwrap();
        let p = picture::decode(f, &bytes).unwrap();
        let rows = p.rows(size, size, Colour::Rgb);
        let png = picture::encode_rows(&rows, Colour::Rgb);
        let original = Pixels::decode(f, &png).unwrap();
        let m = image::embed(&original, &key).unwrap();
        psnrs.push(m.psnr);
        let d = |p: &Pixels| image::detect(p, &key).unwrap().log10_false_positive;
        let keep = size * 4 / 5;
        let room = size - keep + 1;
        let (x, y) = ((i * 7919) % room, (i * 104729 / 13) % room);
        let jp = jpeg75(&m.pixels);
        let r = [d(&original), d(&m.pixels), d(&jp), d(&half(&m.pixels)), d(&crop(&m.pixels, x, y, keep)), d(&half(&jp)), d(&crop(&jp, x, y, keep)), d(&jpeg75(&crop(&m.pixels, x, y, keep)))];
        for (k, v) in r.iter().enumerate() { if *v <= -6.0 { found[k] += 1; } worst[k].push(*v); }
    }
    psnrs.sort_by(f64::total_cmp);
    print!("psnr min {:.1} median {:.1};", psnrs[0], psnrs[psnrs.len()/2]);
    for (k, name) in ["none", "marked", "jpeg", "half", "crop", "jpeg+half", "jpeg+crop", "crop+jpeg"].iter().enumerate() {
        worst[k].sort_by(f64::total_cmp);
        print!(" {name} {:.2}% (med {:.1} p95 {:.1})", 100.0 * found[k] as f64 / psnrs.len() as f64, worst[k][worst[k].len()/2], worst[k][worst[k].len()*95/100]);
    }
    println!();
}

fn rgb(p: &Pixels) -> Vec<u8> {
    match p.colour() { Colour::Rgb => p.levels().to_vec(), Colour::Grey => p.levels().iter().flat_map(|v| [*v; 3]).collect() }
}
fn jpeg75(p: &Pixels) -> Pixels {
    let b = jpeg::encode(&rgb(p), p.dimensions(), 75);
    Pixels::decode("a.jpg".as_ref(), &b).unwrap()
}
fn half(p: &Pixels) -> Pixels {
    let (w, h) = p.dimensions();
    scaled(&scaled(p, w / 2, h / 2), w, h)
}
fn scaled(p: &Pixels, w: usize, h: usize) -> Pixels {
    let q = picture::decode("a.png".as_ref(), &p.encode_png()).unwrap();
    Pixels::decode("a.png".as_ref(), &picture::encode_rows(&q.rows(w, h, p.colour()), p.colour())).unwrap()
}
fn crop(p: &Pixels, x: usize, y: usize, keep: usize) -> Pixels {
    let (w, _) = p.dimensions();
    let c = p.colour().channels();
    let mut out = vec![];
    for r in y..y + keep { out.extend(&p.levels()[(r * w + x) * c..(r * w + x + keep) * c]); }
    Pixels::new(keep, keep, p.colour(), out).unwrap()
}
