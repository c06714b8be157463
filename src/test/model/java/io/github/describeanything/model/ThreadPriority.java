package io.github.describeanything.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What Linux says about the priorities of threads: their nice values, from -20 to 19. */
public final class ThreadPriority {
    private ThreadPriority() {}

    /** Of the calling platform thread. */
    public static int current() {
        return of(Path.of("/proc/thread-self"));
    }

    /** Nice values of this process's threads whose name begins like this, by thread id. */
    static Map<Integer, Integer> named(String prefix) {
        var found = new TreeMap<Integer, Integer>();
        for (Path thread : threads()) {
            try {
                if (Files.readString(thread.resolve("comm")).startsWith(prefix)) {
                    found.put(Integer.valueOf(thread.getFileName().toString()), of(thread));
                }
            } catch (NoSuchFileException e) {
                continue; // it ended
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    private static List<Path> threads() {
        var all = new ArrayList<Path>();
        try (var folder = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            folder.forEach(all::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    /** Field 19 of proc(5)'s stat; the name, in brackets, may have spaces. */
    private static int of(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
