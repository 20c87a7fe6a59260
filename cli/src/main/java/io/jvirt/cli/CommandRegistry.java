// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli;

import io.jvirt.cli.general.CompletionCommand;
import io.jvirt.cli.general.HelpCommand;
import io.jvirt.cli.general.VersionCommand;
import io.jvirt.cli.host.DoctorCommand;
import io.jvirt.cli.host.EventsCommand;
import io.jvirt.cli.host.HostCheckCommand;
import io.jvirt.cli.host.NetAutostartCommand;
import io.jvirt.cli.host.NetCreateCommand;
import io.jvirt.cli.host.NetDefineCommand;
import io.jvirt.cli.host.NetDeleteCommand;
import io.jvirt.cli.host.NetInfoCommand;
import io.jvirt.cli.host.NetListCommand;
import io.jvirt.cli.host.NetReleaseCommand;
import io.jvirt.cli.host.NetReserveCommand;
import io.jvirt.cli.host.NetStartCommand;
import io.jvirt.cli.host.NetStopCommand;
import io.jvirt.cli.host.PoolAutostartCommand;
import io.jvirt.cli.host.PoolCreateCommand;
import io.jvirt.cli.host.PoolDefineCommand;
import io.jvirt.cli.host.PoolDeleteCommand;
import io.jvirt.cli.host.PoolInfoCommand;
import io.jvirt.cli.host.PoolListCommand;
import io.jvirt.cli.host.PoolRefreshCommand;
import io.jvirt.cli.host.PoolStartCommand;
import io.jvirt.cli.host.PoolStopCommand;
import io.jvirt.cli.host.SetupCommand;
import io.jvirt.cli.host.VolumeCreateCommand;
import io.jvirt.cli.host.VolumeDeleteCommand;
import io.jvirt.cli.host.VolumeDownloadCommand;
import io.jvirt.cli.host.VolumeInfoCommand;
import io.jvirt.cli.host.VolumeListCommand;
import io.jvirt.cli.host.VolumeResizeCommand;
import io.jvirt.cli.host.VolumeUploadCommand;
import io.jvirt.cli.vm.AutostartInstallUnitCommand;
import io.jvirt.cli.vm.AutostartListCommand;
import io.jvirt.cli.vm.AutostartOffCommand;
import io.jvirt.cli.vm.AutostartOnCommand;
import io.jvirt.cli.vm.AutostartRunCommand;
import io.jvirt.cli.vm.AutostartStopCommand;
import io.jvirt.cli.vm.CloneCommand;
import io.jvirt.cli.vm.ConsoleCommand;
import io.jvirt.cli.vm.CreateCommand;
import io.jvirt.cli.vm.DefineCommand;
import io.jvirt.cli.vm.DeleteCommand;
import io.jvirt.cli.vm.DumpXmlCommand;
import io.jvirt.cli.vm.EditCommand;
import io.jvirt.cli.vm.ImageListCommand;
import io.jvirt.cli.vm.ImagePruneCommand;
import io.jvirt.cli.vm.ImagePullCommand;
import io.jvirt.cli.vm.ImageRmCommand;
import io.jvirt.cli.vm.InfoCommand;
import io.jvirt.cli.vm.ListCommand;
import io.jvirt.cli.vm.LogsCommand;
import io.jvirt.cli.vm.MigrateCommand;
import io.jvirt.cli.vm.PurgeCommand;
import io.jvirt.cli.vm.RebootCommand;
import io.jvirt.cli.vm.RecoverCommand;
import io.jvirt.cli.vm.RenameCommand;
import io.jvirt.cli.vm.ResetCommand;
import io.jvirt.cli.vm.RestoreCommand;
import io.jvirt.cli.vm.ResumeCommand;
import io.jvirt.cli.vm.SaveCommand;
import io.jvirt.cli.vm.SetCommand;
import io.jvirt.cli.vm.SnapshotCreateCommand;
import io.jvirt.cli.vm.SnapshotDeleteCommand;
import io.jvirt.cli.vm.SnapshotInfoCommand;
import io.jvirt.cli.vm.SnapshotListCommand;
import io.jvirt.cli.vm.SnapshotRevertCommand;
import io.jvirt.cli.vm.StartCommand;
import io.jvirt.cli.vm.StopCommand;
import io.jvirt.cli.vm.SuspendCommand;
import io.jvirt.cli.vm.TemplateCreateCommand;
import io.jvirt.cli.vm.TemplateListCommand;
import io.jvirt.cli.vm.TemplateMarkCommand;
import io.jvirt.cli.vm.TemplateShowCommand;
import io.jvirt.cli.vm.TemplateUnmarkCommand;
import io.jvirt.cli.vm.TopCommand;
import io.jvirt.cli.vm.TrashListCommand;
import io.jvirt.cli.vm.UndeleteCommand;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every command: a line in {@link #ENTRIES} for the help, and a line in {@link #create} for the class. A switch instead of
 * suppliers: no lambda is linked and no command's class is loaded until it is called.
 */
public final class CommandRegistry {
    private static final List<Entry> ENTRIES = List.of(
            // Virtual machines
            entry(CommandGroup.VM, "autostart install-unit", "Have systemd start domains in their order"),
            entry(CommandGroup.VM, "autostart list", "List the domains that start with the host"),
            entry(CommandGroup.VM, "autostart off", "Leave domains off when the host boots"),
            entry(CommandGroup.VM, "autostart on", "Start domains when the host boots, in an order"),
            entry(CommandGroup.VM, "autostart run", "Start domains in their order, each when it may"),
            entry(CommandGroup.VM, "autostart stop", "Shut domains down in the reverse of their order"),
            entry(CommandGroup.VM, "clone", "Make machines like another one: full, linked or reflinked"),
            entry(CommandGroup.VM, "console", "Talk to a guest on its serial console"),
            entry(CommandGroup.VM, "create", "Create a virtual machine, its disks included"),
            entry(CommandGroup.VM, "define", "Define a machine from XML, or show what that would change"),
            entry(CommandGroup.VM, "delete", "Delete virtual machines, their disks included, into the trash"),
            entry(CommandGroup.VM, "dumpxml", "Print a domain's definition"),
            entry(CommandGroup.VM, "edit", "Edit a domain's definition; a refused text is kept"),
            entry(CommandGroup.VM, "image list", "List the images that were fetched for create"),
            entry(CommandGroup.VM, "image prune", "Remove fetched images from the cache"),
            entry(CommandGroup.VM, "image pull", "Fetch an image into the cache, compare it with its checksum"),
            entry(CommandGroup.VM, "image rm", "Remove one fetched image"),
            entry(CommandGroup.VM, "info", "Show a domain: state, disks with sizes and chains, addresses"),
            entry(CommandGroup.VM, "list", "List domains and their states"),
            entry(CommandGroup.VM, "logs", "Show what QEMU wrote about a domain, or its console's record"),
            entry(CommandGroup.VM, "purge", "Remove deleted machines from the trash for good"),
            entry(CommandGroup.VM, "reboot", "Ask guests to reboot"),
            entry(CommandGroup.VM, "rename", "Give a domain that is off another name"),
            entry(CommandGroup.VM, "reset", "Press the reset button of domains"),
            entry(CommandGroup.VM, "restore", "Let a machine run on that save --file saved"),
            entry(CommandGroup.VM, "resume", "Let paused domains run on"),
            entry(CommandGroup.VM, "save", "Save domains' memory and stop; start continues from there"),
            entry(CommandGroup.VM, "snapshot create", "Take a snapshot of a domain, running or off"),
            entry(CommandGroup.VM, "snapshot delete", "Delete a snapshot; no image goes that is still needed"),
            entry(CommandGroup.VM, "snapshot info", "Show a snapshot and its images"),
            entry(CommandGroup.VM, "snapshot list", "List a domain's snapshots as a tree"),
            entry(CommandGroup.VM, "snapshot revert", "Take a domain back to a snapshot"),
            entry(CommandGroup.VM, "set", "Change a machine: memory, processors, disks, networks, devices"),
            entry(CommandGroup.VM, "start", "Start domains"),
            entry(CommandGroup.VM, "stop", "Shut domains down, or pull the plug with --force"),
            entry(CommandGroup.VM, "suspend", "Stop the processors of domains; they stay in memory"),
            entry(CommandGroup.VM, "template create", "Make a template of a machine"),
            entry(CommandGroup.VM, "template list", "List templates: files, and machines with their clones"),
            entry(CommandGroup.VM, "template mark", "Make templates of machines that are off"),
            entry(CommandGroup.VM, "template show", "Show a template with all that it inherits"),
            entry(CommandGroup.VM, "template unmark", "Make machines of templates again"),
            entry(CommandGroup.VM, "top", "Watch what domains use, with keys for the common verbs"),
            entry(CommandGroup.VM, "trash list", "List deleted machines and the space they take"),
            entry(CommandGroup.VM, "undelete", "Bring a deleted machine back"),
            // Moving and recovering
            entry(CommandGroup.MOVING, "migrate", "Move domains to another host, disks included"),
            entry(CommandGroup.MOVING, "recover", "List, finish or undo what was cut off"),
            // Disks
            entry(CommandGroup.DISK, "disk", "Create, inspect, convert, check disks: qemu-img's verbs and options"),
            // Hosts, pools, networks
            entry(CommandGroup.HOST, "events", "Print what happens on a host as it happens"),
            entry(CommandGroup.HOST, "doctor", "Find what is wrong with machines, disks, networks, pools"),
            entry(CommandGroup.HOST, "host check", "Check whether a host is fit for virtual machines"),
            entry(CommandGroup.HOST, "net autostart", "Have a virtual network start with the host, or not"),
            entry(CommandGroup.HOST, "net create", "Make a network: NAT, routed, open, isolated, bridged"),
            entry(CommandGroup.HOST, "net define", "Define a virtual network from libvirt's XML"),
            entry(CommandGroup.HOST, "net delete", "Remove a virtual network"),
            entry(CommandGroup.HOST, "net info", "Show a network: addresses, leases, reservations, users"),
            entry(CommandGroup.HOST, "net list", "List virtual networks"),
            entry(CommandGroup.HOST, "net release", "Keep an address for nobody any more"),
            entry(CommandGroup.HOST, "net reserve", "Give a guest always the same address"),
            entry(CommandGroup.HOST, "net start", "Start a virtual network"),
            entry(CommandGroup.HOST, "net stop", "Stop a virtual network"),
            entry(CommandGroup.HOST, "pool autostart", "Have a storage pool start with the host, or not"),
            entry(CommandGroup.HOST, "pool create", "Make a storage pool: directory, file system, LVM, disk"),
            entry(CommandGroup.HOST, "pool define", "Define a storage pool from libvirt's XML"),
            entry(CommandGroup.HOST, "pool delete", "Remove a storage pool; its volumes stay"),
            entry(CommandGroup.HOST, "pool info", "Show a storage pool and its volumes"),
            entry(CommandGroup.HOST, "pool list", "List storage pools"),
            entry(CommandGroup.HOST, "pool refresh", "Read anew what a storage pool holds"),
            entry(CommandGroup.HOST, "pool start", "Start a storage pool"),
            entry(CommandGroup.HOST, "pool stop", "Stop a storage pool"),
            entry(CommandGroup.HOST, "setup", "Start the default network and pool, now and at boot"),
            entry(CommandGroup.HOST, "volume create", "Make an empty volume, or an overlay on an image"),
            entry(CommandGroup.HOST, "volume delete", "Delete volumes that nothing uses"),
            entry(CommandGroup.HOST, "volume download", "Copy a volume into a file of this machine"),
            entry(CommandGroup.HOST, "volume info", "Show a volume: sizes, base, and who uses it"),
            entry(CommandGroup.HOST, "volume list", "List the volumes of a storage pool"),
            entry(CommandGroup.HOST, "volume resize", "Make a volume larger, or smaller with --shrink"),
            entry(CommandGroup.HOST, "volume upload", "Copy a file of this machine into a new volume"),
            // General
            entry(CommandGroup.GENERAL, "completion", "Print the completion script for bash, zsh or fish"),
            entry(CommandGroup.GENERAL, "help", "Show help for a command"),
            entry(CommandGroup.GENERAL, "version", "Show the versions of jvirt, Java and the libraries"));

    /** A new command by its full name ({@code "list"}, {@code "pool list"}), or null where there is none. */
    public static @Nullable CliCommand create(String name) {
        return switch (name) {
            // Virtual machines
            case "autostart install-unit" -> new AutostartInstallUnitCommand();
            case "autostart list" -> new AutostartListCommand();
            case "autostart off" -> new AutostartOffCommand();
            case "autostart on" -> new AutostartOnCommand();
            case "autostart run" -> new AutostartRunCommand();
            case "autostart stop" -> new AutostartStopCommand();
            case "clone" -> new CloneCommand();
            case "console" -> new ConsoleCommand();
            case "create" -> new CreateCommand();
            case "define" -> new DefineCommand();
            case "delete" -> new DeleteCommand();
            case "dumpxml" -> new DumpXmlCommand();
            case "edit" -> new EditCommand();
            case "image list" -> new ImageListCommand();
            case "image prune" -> new ImagePruneCommand();
            case "image pull" -> new ImagePullCommand();
            case "image rm" -> new ImageRmCommand();
            case "info" -> new InfoCommand();
            case "list" -> new ListCommand();
            case "logs" -> new LogsCommand();
            case "purge" -> new PurgeCommand();
            case "reboot" -> new RebootCommand();
            case "rename" -> new RenameCommand();
            case "reset" -> new ResetCommand();
            case "restore" -> new RestoreCommand();
            case "resume" -> new ResumeCommand();
            case "save" -> new SaveCommand();
            case "snapshot create" -> new SnapshotCreateCommand();
            case "snapshot delete" -> new SnapshotDeleteCommand();
            case "snapshot info" -> new SnapshotInfoCommand();
            case "snapshot list" -> new SnapshotListCommand();
            case "snapshot revert" -> new SnapshotRevertCommand();
            case "set" -> new SetCommand();
            case "start" -> new StartCommand();
            case "stop" -> new StopCommand();
            case "suspend" -> new SuspendCommand();
            case "template create" -> new TemplateCreateCommand();
            case "template list" -> new TemplateListCommand();
            case "template mark" -> new TemplateMarkCommand();
            case "template show" -> new TemplateShowCommand();
            case "template unmark" -> new TemplateUnmarkCommand();
            case "top" -> new TopCommand();
            case "trash list" -> new TrashListCommand();
            case "undelete" -> new UndeleteCommand();
            // Moving and recovering
            case "migrate" -> new MigrateCommand();
            case "recover" -> new RecoverCommand();
            // Hosts, pools, networks
            case "events" -> new EventsCommand();
            case "doctor" -> new DoctorCommand();
            case "host check" -> new HostCheckCommand();
            case "net autostart" -> new NetAutostartCommand();
            case "net create" -> new NetCreateCommand();
            case "net define" -> new NetDefineCommand();
            case "net delete" -> new NetDeleteCommand();
            case "net release" -> new NetReleaseCommand();
            case "net reserve" -> new NetReserveCommand();
            case "net info" -> new NetInfoCommand();
            case "net list" -> new NetListCommand();
            case "net start" -> new NetStartCommand();
            case "net stop" -> new NetStopCommand();
            case "pool autostart" -> new PoolAutostartCommand();
            case "pool define" -> new PoolDefineCommand();
            case "pool delete" -> new PoolDeleteCommand();
            case "pool create" -> new PoolCreateCommand();
            case "pool info" -> new PoolInfoCommand();
            case "pool list" -> new PoolListCommand();
            case "pool refresh" -> new PoolRefreshCommand();
            case "pool start" -> new PoolStartCommand();
            case "pool stop" -> new PoolStopCommand();
            case "setup" -> new SetupCommand();
            case "volume create" -> new VolumeCreateCommand();
            case "volume delete" -> new VolumeDeleteCommand();
            case "volume download" -> new VolumeDownloadCommand();
            case "volume info" -> new VolumeInfoCommand();
            case "volume list" -> new VolumeListCommand();
            case "volume resize" -> new VolumeResizeCommand();
            case "volume upload" -> new VolumeUploadCommand();
            // General
            case "completion" -> new CompletionCommand();
            case "help" -> new HelpCommand();
            case "version" -> new VersionCommand();
            default -> null;
        };
    }

    /** All commands in the order of the help. */
    public static List<Entry> entries() {
        return ENTRIES;
    }

    public static @Nullable Entry find(String name) {
        for (Entry entry : ENTRIES) {
            if (entry.name().equals(name)) {
                return entry;
            }
        }
        return null;
    }

    /** The commands of which {@code word} is the first of two words: {@code pool} has {@code pool list} and others. */
    public static List<Entry> under(String word) {
        return ENTRIES.stream()
                .filter(entry -> entry.name().startsWith(word + " "))
                .toList();
    }

    private static Entry entry(CommandGroup group, String name, String summary) {
        return new Entry(group, name, summary, false);
    }

    private CommandRegistry() {}

    /**
     * What the help says of a command without building it.
     *
     * @param group its heading
     * @param name one or two words
     * @param summary one line, no full stop
     * @param isHidden left out of help and completion
     */
    public record Entry(CommandGroup group, String name, String summary, boolean isHidden) {}
}
