#!/bin/sh
# Walk through an upgrade, a roll back, a move to another machine and a restore after a lost disk, with real databases
# and the real command line of an earlier version and of this one. Prints what docs/operating.md shows; with --check it
# compares the two.
set -eu
ROOT=$(cd "$(dirname "$0")/.." && pwd)
EARLIER=43dd74d  # a commit of an earlier version, of which tests/storage/sqlite/schemas has a database of schema 15
GUIDE=$ROOT/docs/operating.md
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
unset DISCORD_TOKEN DATABASE_PATH SEEDS_PATH

say() { printf '# %s\n' "$1"; }

# Run a command as somebody would type it; what differs from machine to machine isn't shown.
run() {
    printf '$ %s\n' "$*"
    status=0
    "$@" > "$WORK/said" 2>&1 || status=$?
    sed -E -e 's/\([0-9,]+ bytes\)/(… bytes)/; s/schema version [0-9]+/schema version …/' \
        -e 's/knows only [0-9]+/knows only …/; s/replaced-[0-9TZ]+/replaced-…/' "$WORK/said"
    [ "$status" = 0 ] || printf '(exit code %d)\n' "$status"
}

# Let `broadsheet` be the program in a folder: installing a version of it, with the libraries that it had.
install_from() {
    printf '#!/bin/sh\nPYTHONPATH=%s exec %s -W ignore -m bot "$@"\n' "$1" "$1/.venv/bin/python" > "$WORK/bin/broadsheet"
    chmod +x "$WORK/bin/broadsheet"
}

walk() {
    mkdir -p "$WORK/bin" "$WORK/earlier" "$WORK/machine/data" "$WORK/other" "$WORK/elsewhere"
    PATH=$WORK/bin:$PATH
    COLUMNS=80
    export PATH COLUMNS
    git -C "$ROOT" archive "$EARLIER" | tar -x -C "$WORK/earlier"
    (
        cd "$WORK/earlier"
        uv=$("$ROOT/.venv/bin/python" "$ROOT/scripts/get_uv.py")
        UV_PROJECT_ENVIRONMENT=$WORK/earlier/.venv "$uv" sync --quiet --frozen --no-dev --no-install-project \
            --python "$ROOT/.venv/bin/python"
    )
    xz -dc "$ROOT/tests/storage/sqlite/schemas/0015-$EARLIER.db.xz" > "$WORK/machine/data/broadsheet.db"
    cd "$WORK/machine"

    say "Upgrade. The earlier version runs; back up, stop the bot, install the new version, start it."
    install_from "$WORK/earlier"
    run broadsheet backup before.db
    install_from "$ROOT"
    run broadsheet topics
    run ls data

    echo
    say "Roll back. Stop the bot, install the earlier version, restore the backup, start it."
    install_from "$WORK/earlier"
    run broadsheet topics
    run broadsheet restore before.db
    run broadsheet topics

    echo
    say "Move to another machine. Stop the bot, back up, copy two files, restore there, start it there."
    install_from "$ROOT"
    run broadsheet backup moving.db
    run cp moving.db moving.db.sha256 ../other
    cd ../other
    run sha256sum --check moving.db.sha256
    run broadsheet restore moving.db
    run broadsheet topics

    echo
    say "Lose the disk. The backups are elsewhere; install, restore the newest one, start the bot."
    run broadsheet backup ../elsewhere/sunday.db --keep 2
    run broadsheet backup ../elsewhere/monday.db --keep 2
    run broadsheet backup ../elsewhere/tuesday.db --keep 2
    run rm -rf data
    run broadsheet restore ../elsewhere/tuesday.db
    run broadsheet topics
}

walk > "$WORK/walked"
if [ "${1:-}" = --check ]; then
    sed -n '/^<!-- rehearsed -->$/,/^<!-- end -->$/p' "$GUIDE" | sed '1,2d' | sed '$d' | sed '$d' > "$WORK/shown"
    diff -u "$WORK/shown" "$WORK/walked" || { echo "docs/operating.md doesn't show what happens: see above"; exit 1; }
    echo "An upgrade, a roll back, a move and a restore went as docs/operating.md shows."
else
    cat "$WORK/walked"
fi
