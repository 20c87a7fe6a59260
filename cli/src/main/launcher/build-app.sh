#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds what the launcher starts, into cli/target/app:
#   lib/       the jars; picocli compiled for 17, because class data sharing refuses its old classes
#   native/    JNA's and zstd's libraries, unpacked once instead of at each start
#   jvirt-N.*  per JDK N an archive of loaded classes from a training run: CDS before 25, an AOT cache from 25 on
#   env        what the launcher reads, written last; env.N for each JDK, env for the newest
set -eu
# Maven keeps its libraries below the home directory, which a service manager or a bare chroot need not name.
: "${HOME:=$(getent passwd "$(id -u)" | cut -d: -f6)}"
export HOME
# The training's command lines are jvirt's, also where a link named qemu-img was what found that there is something to build.
unset JVIRT_DROP_IN
here=$(cd "$(dirname "$0")" && pwd -P)
root=$(cd "$here/../../../.." && pwd -P)
build=$root/cli/target/app-build
app=$root/cli/target/app
stamp=$root/cli/target/.app-started
small=$app/training.qcow2

mkdir -p "$root/cli/target"
: > "$stamp"
jdks=$("$here/jdks.sh")
[ -n "$jdks" ] || { echo "jvirt: no JDK 17 or newer is installed" >&2; exit 1; }
newest=$(printf '%s\n' "$jdks" | head -n 1)
oldest=$(printf '%s\n' "$jdks" | tail -n 1)
JAVA_HOME=${oldest#* }
export JAVA_HOME
PATH=$JAVA_HOME/bin:$PATH

# The system's Maven where it is new enough for the build, else the wrapper, which fetches one from Maven Central.
maven=$root/mvnw
if command -v mvn > /dev/null 2>&1; then
    case $(mvn -v 2> /dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p') in
        3.[0-5].* | 2.* | '') ;;
        *) maven=mvn ;;
    esac
fi
log=$root/cli/target/app-build.log
(cd "$root" && "$maven" -B -ntp -Papp -pl cli -am package) > "$log" 2>&1 < /dev/null || {
    { grep -E '^\[ERROR\]|rror:' "$log" || tail -n 5 "$log"; } | head -n 20 >&2
    echo "jvirt: the build failed; all of its output is in $log" >&2
    exit 1
}

rm -rf "$app.new"
mkdir -p "$app.new/lib" "$app.new/native" "$build/picocli-classes"
cp "$build"/lib/*.jar "$app.new/lib/"
find "$build/picocli-sources" -name '*.java' ! -name package-info.java > "$build/picocli.files"
javac --release 17 -nowarn -Xlint:none -proc:none -d "$build/picocli-classes" "@$build/picocli.files" >> "$log" 2>&1
jar --create --file "$app.new/lib/picocli.jar" -C "$build/picocli-classes" .

machine=$(uname -m)
case $machine in
    x86_64) jna=linux-x86-64 zstd=linux/amd64 ;;
    aarch64) jna=linux-aarch64 zstd=linux/aarch64 ;;
    *) jna=linux-$machine zstd=linux/$machine ;;
esac
(
    cd "$app.new/native"
    jar --extract --file "$app.new/lib/jna.jar" "com/sun/jna/$jna/libjnidispatch.so"
    mv "com/sun/jna/$jna/libjnidispatch.so" .
    jar --extract --file "$app.new/lib/zstd-jni.jar" "$zstd"
    mv "$zstd"/libzstd-jni*.so libzstd-jni.so
    rm -r com linux
)

libraries=
for dir in "/usr/lib/$machine-linux-gnu" "/lib/$machine-linux-gnu" /usr/lib64 /lib64 /usr/lib /lib; do
    [ ! -d "$dir" ] || libraries=$libraries${libraries:+:}$dir
done

# With it digests need no compiler that is slow to start (storage/file/Sha256).
digest_tiers=
for dir in $(printf %s "$libraries" | tr : ' '); do
    if [ -e "$dir/libcrypto.so.3" ] || [ -e "$dir/libcrypto.so.1.1" ]; then digest_tiers=-XX:TieredStopAtLevel=1; fi
done

class_path=
for jar in cli domain storage picocli jna libvirt; do
    class_path=$class_path${class_path:+:}$app/lib/$jar.jar
done
for jar in "$app.new"/lib/*.jar; do
    jar=${jar##*/}
    case :$class_path: in *":$app/lib/$jar:"*) ;; *) class_path=$class_path:$app/lib/$jar ;; esac
done

# An archive holds absolute paths: the application is put in its place before it is trained.
rm -rf "$app.old"
[ ! -d "$app" ] || mv "$app" "$app.old"
mv "$app.new" "$app"
[ ! -f "$app.old/host" ] || cp -p "$app.old/host" "$app/host"
rm -rf "$app.old"

quote() {
    printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

train() { # major, home
    major=$1 home=$2
    all_tiers=
    flags="-XX:+UseSerialGC -XX:-UsePerfData -Xlog:disable -Xlog:all=error:stderr -Djna.encoding=UTF-8 -Djna.nosys=true -Djna.nounpack=true -Dpicocli.disable.closures=true"
    flags="$flags --enable-native-access=ALL-UNNAMED -Djava.util.logging.manager=io.jvirt.cli.QuietLogging"
    properties="-Djna.boot.library.path=$app/native"
    set -- "-Djna.platform.library.path=$libraries" "-DZstdNativePath=$app/native/libzstd-jni.so" -cp "$class_path"
    run="io.jvirt.cli.Training"
    if [ "$major" -ge 25 ]; then
        # A linked cache loads all of its classes at once: too much for what is over in a moment.
        for sort in short disk host work; do
            archive=$app/jvirt-$major-$sort.aot
            if [ $sort = short ]; then linking=-XX:-AOTClassLinking; else linking=-XX:+AOTClassLinking; fi
            # shellcheck disable=SC2086
            "$home/bin/java" -XX:TieredStopAtLevel=1 $flags $linking "-XX:AOTCacheOutput=$archive" "$properties" "$@" $run \
                "$small" $sort >> "$log" 2>&1 < /dev/null || return 1
            # The JVM drops a cache that does not fit without a word: ask it to say so here.
            # shellcheck disable=SC2086
            "$home/bin/java" -XX:TieredStopAtLevel=1 $flags -XX:AOTMode=on "-XX:AOTCache=$archive" "$properties" "$@" \
                io.jvirt.cli.Main --version >> "$log" 2>&1 < /dev/null || return 1
        done
        # The training was for the quick compiler, and what it has trained would never get to the other one.
        all_tiers="-XX:+UnlockDiagnosticVMOptions -XX:-AOTReplayTraining"
        option=-XX:AOTCache=$app/jvirt-$major-host.aot
        short_option=-XX:AOTCache=$app/jvirt-$major-short.aot
        disk_option=-XX:AOTCache=$app/jvirt-$major-disk.aot
        work_option=-XX:AOTCache=$app/jvirt-$major-work.aot
    else
        archive=$app/jvirt-$major.jsa
        # shellcheck disable=SC2086
        "$home/bin/java" $flags -Xshare:off "-XX:DumpLoadedClassList=$app/classes-$major" "$properties" "$@" $run \
            "$small" short disk host work >> "$log" 2>&1 < /dev/null || return 1
        # shellcheck disable=SC2086
        "$home/bin/java" $flags -Xshare:dump "-XX:SharedClassListFile=$app/classes-$major" "-XX:SharedArchiveFile=$archive" \
            "$properties" "$@" >> "$log" 2>&1 < /dev/null || return 1
        option=-XX:SharedArchiveFile=$archive
        # shellcheck disable=SC2086
        "$home/bin/java" $flags -Xshare:on "$option" "$properties" "$@" io.jvirt.cli.Main --version \
            >> "$log" 2>&1 < /dev/null || return 1
        short_option=$option
        disk_option=$option
        work_option=$option
    fi
}

write_env() { # major, home
    release=$(grep '^JAVA_VERSION=' "$2/release")
    cat << END
JVIRT_APP=$(quote "$app")
JAVA=$(quote "$2/bin/java")
JAVA_RELEASE_FILE=$(quote "$2/release")
JAVA_RELEASE=$(quote "$release")
JVIRT_FLAGS=$(quote "$flags")
JVIRT_ALL_TIERS=$(quote "$all_tiers")
JVIRT_DIGEST_TIERS=$(quote "$digest_tiers")
JVIRT_ARCHIVE=$(quote "$option")
JVIRT_SHORT_ARCHIVE=$(quote "$short_option")
JVIRT_DISK_ARCHIVE=$(quote "$disk_option")
JVIRT_WORK_ARCHIVE=$(quote "$work_option")
JVIRT_LIBRARIES=$(quote "$libraries")
JVIRT_CLASS_PATH=$(quote "$class_path")
END
}

# The training clones a machine of a host that libvirt plays: its journal is none of this machine's.
JVIRT_STATE=$app/training-state
export JVIRT_STATE
printf '%s\n' "$jdks" | while read -r major home; do
    if ! train "$major" "$home"; then
        # Slower to start, but whole.
        echo "jvirt: JDK $major: no class archive could be made, starts will be slower ($log)" >&2
        option=-Xshare:auto
        short_option=$option
        disk_option=$option
        work_option=$option
    fi
    write_env "$major" "$home" > "$app/env.$major"
done
rm -rf "$small" "$app"/classes-* "$app/training-state"
cp "$app/env.${newest%% *}" "$app/env.tmp"
# As old as the start of the build: a source that changed meanwhile is newer.
touch -r "$stamp" "$app/env.tmp"
mv "$app/env.tmp" "$app/env"
