"""ECG5000 as .ts files that the command reads, each beat normal or abnormal."""


def heartbeats(data, task, folder):
    """Writes the official 500 (`ecg_train.ts`), the other 4,500 (`ecg_test.ts`) and all of them (`ecg_all.ts`), for the task of that name."""
    if task != "ecg5000":
        return

    def write(name, rows):
        head = "@problemName ECG5000\n@timeStamps false\n@univariate true\n@classLabel true normal abnormal\n@data\n"
        (folder / name).write_text(head + "".join(f"{','.join(values)}:{label}\n" for values, label in rows))

    def lines(name):
        return [line for line in (data / "ecg5000" / name).read_text().splitlines() if line.strip()]

    first = [line.split() for line in lines("ECG5000_TRAIN.txt")]
    first = [(row[1:], "normal" if float(row[0]) == 1 else "abnormal") for row in first]
    rest = [line.split(",") for line in lines("ECG5000_rest_binary.csv")]
    rest = [(row[1:], "abnormal" if float(row[0]) == 1 else "normal") for row in rest]
    write("ecg_train.ts", first)
    write("ecg_test.ts", rest)
    write("ecg_all.ts", first + rest)
