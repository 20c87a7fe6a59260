// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.host;

import io.jvirt.cli.CliCommand;
import io.jvirt.cli.CommandContext;
import io.jvirt.cli.DurationText;
import io.jvirt.cli.ExitCode;
import io.jvirt.domain.Cancellation;
import io.jvirt.domain.JvirtException;
import io.jvirt.domain.libvirt.Domain;
import io.jvirt.domain.libvirt.Event;
import io.jvirt.domain.libvirt.EventKind;
import io.jvirt.domain.libvirt.EventStream;
import io.jvirt.domain.libvirt.Host;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        description =
                "Prints what happens on a host as it happens: a line for each event, or with -o json a JSON object on a"
                        + " line. Ends with Ctrl-C, --count or --timeout.")
public final class EventsCommand implements CliCommand {
    private static final long POLL_MILLIS = 250;

    @Parameters(
            arity = "0..*",
            paramLabel = "NAME",
            description = "Only events of these domains, networks or pools; domains also by UUID or number.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--event",
            paramLabel = "KIND[:EVENT]",
            description = "Only events of that kind, such as lifecycle, or only one of them: lifecycle:stopped. For"
                    + " several again.")
    private List<String> filters = new ArrayList<>();

    @Option(names = "--count", paramLabel = "N", description = "End after so many events.")
    private @Nullable Integer count;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description =
                    "End after this time: 90 (seconds), 5m. With --count the exit code is 1 if not all have come.")
    private @Nullable String timeout;

    /**
     * An event in the answer.
     *
     * @param time when it was heard of, ISO 8601 in UTC
     */
    public record Printed(
            String time,
            String kind,
            String object,
            String name,
            @Nullable String uuid,
            String event,
            @Nullable String detail) {
        static Printed of(Event event) {
            return new Printed(
                    event.time().toString(),
                    event.kind(),
                    event.object(),
                    event.name(),
                    event.uuid(),
                    event.event(),
                    event.detail());
        }

        String line() {
            return time + " " + name + " " + kind + " " + event + (detail == null ? "" : " (" + detail + ")");
        }
    }

    @Override
    public ExitCode run(CommandContext context) throws Exception {
        Duration limit = timeout == null ? null : DurationText.parse("--timeout", timeout);
        if (count != null && count < 1) {
            throw JvirtException.usage("--count " + count + " ends before the first event", "give 1 or more");
        }
        filters.forEach(EventsCommand::checkKind);
        BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        try (Host host = Host.openForEvents(context.options().connect())) {
            List<String> wanted = resolve(host);
            try (EventStream stream = EventStream.open(host, events::add)) {
                context.detail("listening to " + host.uri());
                return print(context, host, events, wanted, limit);
            }
        }
    }

    /** One that no event has would be waited for without end. */
    private static void checkKind(String filter) {
        String kind = filter.substring(0, filter.indexOf(':') < 0 ? filter.length() : filter.indexOf(':'));
        if (!EventKind.texts().contains(kind)) {
            throw JvirtException.usage(
                    "no event is of the kind '" + kind + "'", "the kinds are " + String.join(", ", EventKind.texts()));
        }
    }

    /** A domain's UUID or number becomes its name; other names may be of something that is yet to come. */
    private List<String> resolve(Host host) {
        List<String> wanted = new ArrayList<>();
        for (String name : names) {
            String known = name;
            try (Domain domain = host.findDomain(name)) {
                known = domain.name();
            } catch (JvirtException e) {
                if (e.kind() != JvirtException.Kind.NOT_FOUND) {
                    throw e;
                }
            }
            wanted.add(known);
        }
        return wanted;
    }

    private ExitCode print(
            CommandContext context,
            Host host,
            BlockingQueue<Event> events,
            List<String> wanted,
            @Nullable Duration limit)
            throws IOException, InterruptedException {
        Cancellation cancellation = context.cancellation();
        Instant end = limit == null ? Instant.MAX : Instant.now().plus(limit);
        int printed = 0;
        while (!cancellation.isRequested()) {
            Event event = events.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
            if (event != null && isWanted(event, wanted)) {
                Printed record = Printed.of(event);
                context.printOne("event", record, record.line(), record.name());
                printed++;
                if (count != null && printed >= count) {
                    return ExitCode.DONE;
                }
                if (context.isReaderGone()) {
                    return ExitCode.DONE;
                }
            }
            if (event == null && limit != null && Instant.now().isAfter(end)) {
                if (count != null) {
                    throw JvirtException.failed(
                            printed + " of " + count + " events came within " + DurationText.of(limit),
                            names.isEmpty() && filters.isEmpty()
                                    ? "--timeout gives it more time"
                                    : "without --event and names each event counts; --timeout gives it more time");
                }
                return ExitCode.DONE;
            }
            if (event == null && !host.isAlive()) {
                throw JvirtException.failed(
                        "the connection to libvirt was lost", "run it again when libvirt's daemon answers");
            }
        }
        return ExitCode.INTERRUPTED;
    }

    private boolean isWanted(Event event, List<String> wanted) {
        if (!wanted.isEmpty() && !wanted.contains(event.name())) {
            return false;
        }
        for (String filter : filters) {
            if (filter.equals(event.kind()) || filter.equals(event.kind() + ":" + event.event())) {
                return true;
            }
        }
        return filters.isEmpty();
    }

    @Override
    public List<Example> examples() {
        return List.of(
                new Example("jvirt events", "all that happens, until Ctrl-C"),
                new Example(
                        "jvirt events web --event lifecycle:stopped --count 1 --timeout 5m",
                        "wait up to five minutes until web has stopped"),
                new Example("jvirt events --event lifecycle --event block-job -o json", "for a program"));
    }
}
