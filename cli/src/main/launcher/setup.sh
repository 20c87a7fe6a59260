#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What ./jvirt does at its first run: installs what is missing (after asking), builds, starts libvirt's daemons, the default
# network and the default pool. Each part is done only where it is not done yet. All output goes to standard error.
#
# usage: setup.sh [host]   host: libvirt too, not only the build
set -u
PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd -P)
root=$(cd "$here/../../../.." && pwd -P)
app=$root/cli/target/app
exec 1>&2

die() { # message, hint, exit code
    echo "jvirt: $1"
    [ -z "$2" ] || echo "hint: $2"
    exit "${3:-1}"
}

has() {
    command -v "$1" > /dev/null 2>&1
}

with_host=${1-}

mkdir -p "$root/cli/target" 2> /dev/null && [ -w "$root/cli/target" ] ||
    die "cannot build in $root: no permission to write there" "run it once as the owner of the checkout"

# One set-up at a time; the second one finds the work done.
exec 9> "$root/cli/target/.setup-lock"
has flock && ! flock -w 900 9 && die "another set-up is running since 15 minutes" "look at it: ps -ef | grep setup.sh"

# ---- what is missing -------------------------------------------------------------------------------------------------

if has apt-get; then
    system=debian installer="apt-get install --no-install-recommends"
elif has dnf; then
    system=fedora installer="dnf install"
else
    system= installer=
fi

case $(uname -m) in
    aarch64) qemu=qemu-system-aarch64 qemu_debian="qemu-system-arm qemu-efi-aarch64" ;;
    *) qemu=qemu-system-x86_64 qemu_debian="qemu-system-x86 ovmf" ;;
esac

missing=
jdk_missing=
need() { # Debian's packages, Fedora's
    if [ $system = fedora ]; then missing="$missing $2"; else missing="$missing $1"; fi
}
if [ -z "$("$here/jdks.sh")" ]; then
    jdk_missing=yes
fi
if ! has mvn && ! has unzip; then
    need unzip unzip
fi
[ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/pki/tls/certs/ca-bundle.crt ] ||
    need ca-certificates ca-certificates
if [ -n "$with_host" ]; then
    has libvirtd || has virtqemud ||
        need "libvirt-daemon-system libvirt-daemon-driver-qemu libvirt-daemon-config-network" \
            "libvirt-daemon-kvm libvirt-daemon-config-network"
    has "$qemu" || [ -x /usr/libexec/qemu-kvm ] || need "$qemu_debian" qemu-kvm
    has dnsmasq || need dnsmasq-base dnsmasq
    has iptables || has nft || need iptables iptables-nft
fi

# ---- saying and asking -----------------------------------------------------------------------------------------------

as_root=
if [ -n "$missing$jdk_missing" ]; then
    [ -n "$system" ] || die "missing:${jdk_missing:+ a JDK (17 or newer)}$missing; no apt-get and no dnf is here to install it" \
        "install these with your system's package manager, then run it again"
    echo "jvirt: first use on this machine. These packages are missing; '$installer' would install:"
    for package in ${jdk_missing:+"JDK(newest-of-25,21,17)"} $missing; do
        echo "    $package"
    done
    [ -f "$app/env" ] || echo "Then jvirt is built in $root, with libraries from Maven Central."
    [ -z "$with_host" ] || echo "Then libvirt's daemons, the network 'default' and the storage pool 'default' are started."
    case ${JVIRT_SETUP-} in
        yes) ;;
        no) die "not installed: JVIRT_SETUP=no" "install the packages yourself, then run it again" 4 ;;
        *)
            if [ -t 0 ] && [ -t 2 ]; then
                printf 'Go on? [y/N] '
                read -r answer || answer=
                case $answer in
                    [Yy] | [Yy][Ee][Ss]) ;;
                    *) die "not installed, nothing was changed" "" 4 ;;
                esac
            else
                die "not installed: there is no terminal to ask on" "JVIRT_SETUP=yes ./jvirt … installs without asking" 4
            fi
            ;;
    esac
    if [ "$(id -u)" != 0 ]; then
        has sudo || die "installing packages needs root, and there is no sudo" "run it once as root"
        if [ -t 0 ]; then as_root=sudo; else as_root="sudo -n"; fi
        $as_root true || die "installing packages needs root, and sudo refused" "run it once as root"
    fi
fi

# ---- packages --------------------------------------------------------------------------------------------------------

log=$root/cli/target/setup.log
installed() { # what, command…
    what=$1
    shift
    "$@" >> "$log" 2>&1 < /dev/null 9>&- || {
        tail -n 15 "$log"
        die "$what failed; all of its output is in $log" "mend what it says (network? package sources?), then run it again"
    }
}

if [ -n "$missing$jdk_missing" ]; then
    echo "jvirt: installing …"
    : > "$log"
    if [ $system = debian ]; then
        installed "apt-get update" $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update
        if [ -n "$jdk_missing" ]; then
            for version in 25 21 17; do
                package=openjdk-$version-jdk-headless
                if [ -n "$(apt-cache madison $package 2> /dev/null)" ]; then
                    missing="$missing $package"
                    break
                fi
            done
        fi
        # shellcheck disable=SC2086
        installed "apt-get install" $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends $missing
    else
        if [ -n "$jdk_missing" ]; then
            for version in 25 21 17; do
                package=java-$version-openjdk-devel
                if dnf -q info $package > /dev/null 2>&1; then
                    missing="$missing $package"
                    break
                fi
            done
        fi
        # shellcheck disable=SC2086
        installed "dnf install" $as_root dnf -y install $missing
    fi
fi

# ---- build -----------------------------------------------------------------------------------------------------------

sources() {
    find "$root/pom.xml" "$root"/*/pom.xml "$root"/*/src/main -newer "$app/env" -print -quit
}
newest=$("$here/jdks.sh" | head -n 1)
if [ ! -f "$app/env" ] || [ -n "$(sources)" ] || ! [ "$(. "$app/env" && echo "$JVIRT_APP")" -ef "$app" ] ||
    [ ! -f "$app/env.${newest%% *}" ] || [ "$(. "$app/env" && echo "$JAVA_RELEASE")" != "$(grep '^JAVA_VERSION=' "${newest#* }/release")" ]; then
    if [ -f "$app/env" ]; then echo "jvirt: building again: sources or JDK have changed …"; else echo "jvirt: building …"; fi
    "$here/build-app.sh" 9>&- || exit 1
fi
[ -z "${JVIRT_JDK-}" ] || [ -f "$app/env.$JVIRT_JDK" ] ||
    die "JVIRT_JDK=$JVIRT_JDK: no such JDK was found" "here are: $("$here/jdks.sh" | tr '\n' ' ')" 2

# ---- libvirt ---------------------------------------------------------------------------------------------------------

is_running() { # pid file
    [ -s "$1" ] && kill -0 "$(cat "$1")" 2> /dev/null
}

# Where no udev ran, the node is still root's alone. QEMU's user cannot open it, and libvirt then asks QEMU for its
# capabilities again at nearly every call: a create takes minutes. What udev's rule for the node says:
open_kvm_node() {
    [ -c /dev/kvm ] && [ "$(stat -c %a:%G /dev/kvm)" = 600:root ] && has getent && getent group kvm > /dev/null || return 0
    $as_root chgrp kvm /dev/kvm && $as_root chmod 660 /dev/kvm &&
        echo "jvirt: gave /dev/kvm to the group kvm, as udev does"
}

start_daemons() {
    if [ -d /run/systemd/system ]; then
        if systemctl cat libvirtd.service > /dev/null 2>&1; then
            $as_root systemctl -q enable --now libvirtd.service virtlogd.socket
        else
            for daemon in virtlogd virtqemud virtnetworkd virtstoraged virtnodedevd virtsecretd; do
                $as_root systemctl -q enable --now $daemon.socket
            done
        fi
        return
    fi
    open_kvm_node || :
    for daemon in virtlogd libvirtd; do
        if has $daemon && ! is_running /run/$daemon.pid; then
            # Without a service manager: by hand, detached from this command's streams, or a pipe would never end.
            $as_root $daemon -d > /dev/null 2>&1 < /dev/null 9>&-
        fi
    done
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        [ ! -S /run/libvirt/libvirt-sock ] || break
        sleep 0.5
    done
}

if [ -n "$with_host" ]; then
    if [ "$(id -u)" = 0 ] || [ -n "$as_root" ]; then
        start_daemons || :
    fi
    . "$app/env"
    # Said, not fatal: the command that follows may need less, and says what it lacks. Tried once; 'jvirt setup' tries again.
    : > "$app/host"
    # shellcheck disable=SC2086
    "$JAVA" $JVIRT_FLAGS "$JVIRT_ARCHIVE" "-Djna.boot.library.path=$JVIRT_APP/native" \
        "-Djna.platform.library.path=$JVIRT_LIBRARIES" -cp "$JVIRT_CLASS_PATH" io.jvirt.cli.Main setup < /dev/null 9>&- ||
        echo "hint: mend that, then: ./jvirt setup"
fi
exit 0
