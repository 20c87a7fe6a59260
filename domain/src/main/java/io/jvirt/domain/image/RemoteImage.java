// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.image;

import io.jvirt.domain.JvirtException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One image of a web server: the cached copy where it still is the right one, else fetched, compared, unpacked, installed. */
final class RemoteImage {
    private final HttpSource http;
    private final ImageListener listener;
    private final URI uri;
    private final String name;
    private final CacheEntry entry;
    private final Verification verification;

    RemoteImage(ImageCache cache, HttpSource http, ImageRequest request, ImageListener listener) {
        this.http = http;
        this.listener = listener;
        this.uri = ImageUrl.parse(request.location());
        this.name = ImageUrl.name(uri);
        this.entry = cache.entry(uri.toString(), name);
        this.verification = new Verification(request, name);
    }

    @SuppressWarnings("try")
    ImageFile get() throws IOException {
        try (CacheLock lock = CacheLock.await(entry, listener, http.cancellation())) {
            CacheEntry.Info info = entry.info();
            Verification.Wanted wanted = wanted(info);
            if (info != null && isRight(info, wanted)) {
                String against = wanted != null && wanted.sum() != null ? wanted.from() : info.checkedAgainst();
                return new ImageFile(entry.image(info), said(against, info));
            }
            CacheEntry.Info fetched = fetch(wanted);
            return new ImageFile(entry.image(fetched), said(fetched.checkedAgainst(), fetched));
        }
    }

    /** What the user asked it to be compared with; a list that cannot be reached is no obstacle for what was compared with it. */
    private Verification.@Nullable Wanted wanted(CacheEntry.@Nullable Info info) throws IOException {
        try {
            return verification.asked(http);
        } catch (IOException e) {
            http.cancellation().check();
            if (info != null && info.checkedAgainst() != null && isListOf(info)) {
                listener.note("the list of checksums cannot be asked (" + e.getMessage() + "): the copy of "
                        + info.fetchedAt() + ", which was compared with it then, is used");
                return new Verification.Wanted(
                        new Checksum("sha256", String.valueOf(info.digests().get("sha256"))), info.checkedAgainst());
            }
            throw new JvirtException(
                    JvirtException.Kind.FAILED,
                    "the list of checksums cannot be fetched: " + e.getMessage(),
                    "is the network up? with a proxy, set http_proxy and https_proxy",
                    e);
        }
    }

    private boolean isListOf(CacheEntry.Info info) {
        return info.checkedAgainst() != null && info.checkedAgainst().equals(verification.list());
    }

    private boolean isRight(CacheEntry.Info info, Verification.@Nullable Wanted wanted) throws IOException {
        Checksum sum = wanted == null ? null : wanted.sum();
        if (wanted != null && sum != null) {
            String known = info.digests().get(sum.algorithm());
            if (known == null && info.isPlain()) {
                known = digests(entry.image(info), List.of(sum.algorithm())).get(sum.algorithm());
            }
            if (sum.hex().equals(known)) {
                return true;
            }
            listener.note("the copy of " + name + " in the cache is not the one of " + wanted.from()
                    + "; it is fetched anew");
            return false;
        }
        return isUnchanged(info);
    }

    private boolean isUnchanged(CacheEntry.Info info) {
        String why;
        try {
            HttpResponse<InputStream> response =
                    http.send("HEAD", uri, info.source().conditions());
            response.body().close();
            int status = response.statusCode();
            if (status == 304) {
                return true;
            }
            if (status == 200) {
                boolean same = info.source().isSameAs(Validators.of(response));
                if (!same) {
                    listener.note(
                            name + " has changed at its source since " + info.fetchedAt() + "; it is fetched anew");
                }
                return same;
            }
            why = "it answers " + status;
        } catch (IOException e) {
            http.cancellation().check();
            why = String.valueOf(e.getMessage());
        }
        listener.note("the server cannot be asked whether " + name + " has changed (" + why + "): the copy of "
                + info.fetchedAt() + " is used");
        return true;
    }

    private CacheEntry.Info fetch(Verification.@Nullable Wanted asked) throws IOException {
        entry.writeUrl(uri.toString());
        Verification.Wanted wanted = asked == null ? verification.beside(http, uri) : asked;
        Validators source = new Download(http, uri, entry, listener).run();
        Checksum sum = wanted.sum();
        List<String> algorithms = new ArrayList<>(List.of("sha256"));
        if (sum != null && !sum.algorithm().equals("sha256")) {
            algorithms.add(sum.algorithm());
        }
        Map<String, String> digests = digests(entry.part(), algorithms);
        if (sum != null) {
            try {
                compare(sum, digests, uri.toString(), wanted.from());
            } catch (JvirtException e) {
                // To go on from wrong bytes would never end well.
                entry.removePart();
                throw e;
            }
        }
        Packed packed = Packed.of(entry.part());
        Path whole = entry.part();
        if (packed != null) {
            whole = entry.unpacked();
            packed.unpack(entry.part(), whole, name, listener, http.cancellation());
        }
        CacheEntry.Info made = info(
                uri.toString(),
                name,
                packed == null ? name : Packed.unpackedName(name),
                source,
                digests,
                sum == null ? null : wanted.from());
        entry.install(whole, made);
        return made;
    }

    private Map<String, String> digests(Path file, List<String> algorithms) throws IOException {
        long bytes = file.toFile().length();
        return Checksum.of(
                file, algorithms, done -> listener.progress("compare " + name, done, bytes), http.cancellation());
    }

    static void compare(Checksum wanted, Map<String, String> digests, String what, String from) {
        String found = digests.get(wanted.algorithm());
        if (!wanted.hex().equals(found)) {
            throw JvirtException.refused(
                    what + " is not what " + from + " says: " + wanted.algorithm() + " " + wanted.hex()
                            + " is expected, and it is " + found,
                    "it was damaged or replaced on its way; try again later, and trust the checksum, not the image");
        }
    }

    static CacheEntry.Info info(
            String url,
            String name,
            String file,
            Validators source,
            Map<String, String> digests,
            @Nullable String checkedAgainst) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        return new CacheEntry.Info(url, name, file, now, source, digests, checkedAgainst, 0, 0);
    }

    private String said(@Nullable String checkedAgainst, CacheEntry.Info info) {
        if (checkedAgainst == null) {
            return "NOT compared with any checksum; its own is sha256:"
                    + info.digests().get("sha256");
        }
        boolean sameServer = ImageRequest.isUrl(checkedAgainst)
                && String.valueOf(uri.getAuthority())
                        .equals(ImageUrl.parse(checkedAgainst).getAuthority());
        return "its checksum is that of " + checkedAgainst
                + (sameServer ? ", which is of the same server: it came whole, whoever made it" : "");
    }
}
