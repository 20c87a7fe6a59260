// SPDX-License-Identifier: Apache-2.0
package io.jvirt.cli.disk.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The process that {@link FuzzTest} starts with little memory: damages images of a corpus and runs the verbs over each.
 * Ends with 0, or with 1 and what broke a bound; the image is kept beside the corpus.
 */
final class FuzzRun {
    /** Each is run on every damaged image; {@code IMAGE} stands for it, {@code OUT} for a file that may be written. */
    private static final List<String> VERBS = List.of(
            "info IMAGE",
            "info --output json --backing-chain IMAGE",
            "info --space IMAGE",
            "info --plot IMAGE",
            "map IMAGE",
            "map --output json IMAGE",
            "check IMAGE",
            "check --output json IMAGE",
            "measure -O qcow2 IMAGE",
            "measure -O raw IMAGE",
            "snapshot -l IMAGE",
            "digest IMAGE",
            "compare IMAGE IMAGE",
            "convert -O raw IMAGE OUT",
            "convert -O qcow2 IMAGE OUT",
            "convert -c -O qcow2 -l one IMAGE OUT",
            "bench -c 50 IMAGE",
            "dd bs=64k count=20 if=IMAGE of=OUT");

    /** These change the image: each has its own copy. */
    private static final List<String> WRITING = List.of(
            "check -r all IMAGE",
            "bitmap --add IMAGE another",
            "bitmap --merge bitmap --clear IMAGE bitmap",
            "snapshot -c two IMAGE",
            "snapshot -a one IMAGE",
            "snapshot -d one IMAGE",
            "resize IMAGE +1M",
            "resize --shrink IMAGE 1M",
            "amend -f qcow2 -o compat=0.10 IMAGE",
            "rebase -u -b  IMAGE",
            "commit IMAGE",
            "bench -w -c 50 IMAGE",
            "compact IMAGE",
            "compact --in-place IMAGE");

    /** The first argument when the others are a verb to run once. */
    private static final String ALONE = "--alone";

    private final Path directory;
    private final Path image;
    private final Path output;
    private Mutation mutation = new Mutation(new byte[0], 0);

    private FuzzRun(Path directory) {
        this.directory = directory;
        this.image = directory.resolve("hostile.img");
        this.output = directory.resolve("out.img");
    }

    /** Every verb on every file of a directory, as they are; all that breaks a bound is told. */
    private boolean undamaged(List<Path> files) throws IOException, InterruptedException {
        boolean good = true;
        for (Path file : files) {
            for (String verb : VERBS) {
                String words = verb.replace("IMAGE", file.toString()).replace("OUT", output.toString());
                try {
                    BoundedVerb.run(List.of(words.split(" ", -1)));
                } catch (AssertionError e) {
                    good = false;
                    System.out.println("jvirt disk " + words + ": " + e.getMessage());
                    if (e.getMessage().startsWith("still runs")) {
                        return false;
                    }
                }
                Files.deleteIfExists(output);
                if (BoundedVerb.peakResidentKib() > BoundedVerb.MAX_RESIDENT_KIB) {
                    System.out.println("jvirt disk " + words + ": held more than 256 MiB");
                    return false;
                }
            }
        }
        return good;
    }

    /** Arguments: directory with {@code corpus} in it, seed, first round, rounds. */
    public static void main(String[] args) throws Exception {
        if (args[0].equals(ALONE)) {
            BoundedVerb.run(List.of(args).subList(1, args.length));
            System.out.println(BoundedVerb.peakResidentKib() + " KiB");
            Runtime.getRuntime().halt(BoundedVerb.peakResidentKib() > BoundedVerb.MAX_RESIDENT_KIB ? 1 : 0);
        }
        Path directory = Path.of(args[0]);
        FuzzRun run = new FuzzRun(directory);
        if (args.length == 1) {
            try (Stream<Path> files = Files.list(directory.resolve("crafted"))) {
                boolean good =
                        run.undamaged(files.filter(file -> !file.toString().endsWith(".base"))
                                .sorted()
                                .toList());
                Runtime.getRuntime().halt(good ? 0 : 1);
            }
        }
        long seed = Long.parseLong(args[1]);
        int first = Integer.parseInt(args[2]);
        int rounds = Integer.parseInt(args[3]);
        List<Path> corpus;
        try (Stream<Path> files = Files.list(directory.resolve("corpus"))) {
            corpus = files.filter(file -> !file.toString().endsWith(".base"))
                    .sorted()
                    .toList();
        }
        int round = first;
        while (round < first + rounds && BoundedVerb.peakResidentKib() <= BoundedVerb.MAX_RESIDENT_KIB) {
            run.round(corpus, seed, round++);
        }
        System.out.println(
                round - first + " images, " + BoundedVerb.peakResidentKib() / 1024 + " MiB of memory at most");
        Runtime.getRuntime().halt(0);
    }

    private void round(List<Path> corpus, long seed, int round) throws IOException, InterruptedException {
        Random random = new Random(seed * 1_000_003 + round);
        Path base = corpus.get(random.nextInt(corpus.size()));
        mutation = Mutation.of(Files.readAllBytes(base), random);
        mutation.writeTo(image);
        for (String verb : VERBS) {
            bounded(verb, image, seed, round, base);
        }
        for (int i = 0; i < 4; i++) {
            Path copy = directory.resolve("changed.img");
            mutation.writeTo(copy);
            bounded(WRITING.get(random.nextInt(WRITING.size())), copy, seed, round, base);
        }
    }

    /**
     * Beside what a verb takes, this process holds what thousands before it made Java compile. Where all that is too much,
     * the verb has to show alone that it is not its own.
     */
    private void holdToMemory(List<String> words, String verb, Path target) throws IOException, InterruptedException {
        if (BoundedVerb.peakResidentKib() <= BoundedVerb.MAX_RESIDENT_KIB) {
            return;
        }
        Files.deleteIfExists(output);
        if (WRITING.contains(verb)) {
            mutation.writeTo(target);
        }
        List<String> alone = new ArrayList<>(List.of(ALONE));
        alone.addAll(words);
        String answer = ChildJvm.run(FuzzRun.class, alone);
        if (!answer.endsWith("\n0\n")) {
            throw new AssertionError("alone: " + answer);
        }
    }

    private void bounded(String verb, Path target, long seed, int round, Path base)
            throws IOException, InterruptedException {
        List<String> words = Stream.of(verb.split(" ", -1))
                .map(word -> word.replace("IMAGE", target.toString()).replace("OUT", output.toString()))
                .toList();
        try {
            BoundedVerb.run(words);
            holdToMemory(words, verb, target);
        } catch (AssertionError e) {
            Path kept = directory.resolve("seed-" + seed + "-round-" + round + ".img");
            mutation.writeTo(kept);
            System.out.println("seed " + seed + " round " + round + " (" + base.getFileName() + "), jvirt disk "
                    + String.join(" ", words) + ": " + e.getMessage() + "\nthe image: " + kept);
            if (e.getCause() != null) {
                e.getCause().printStackTrace(System.out);
            }
            System.out.flush();
            Runtime.getRuntime().halt(1);
        }
        Files.deleteIfExists(output);
    }
}
