package io.github.describeanything.bulk.input;

import io.github.describeanything.bulk.row.PictureSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;

/** A picture in a tar file. Thread-safe. @param member its name there, or the end of it */
record TarPicture(Tars tars, Path tar, String member) implements PictureSource {

    @Override
    public byte[] read() throws IOException {
        return tars.read(tar, member);
    }

    @Override
    public long size() {
        try {
            return tars.size(tar, member);
        } catch (IOException e) {
            return 0;
        }
    }

    /** The tar files that were read last, each with the places of its members. Thread-safe. */
    static final class Tars {
        private static final int OPEN = 4;

        private final Map<Path, Opened> opened = new LinkedHashMap<>();

        private record Opened(TarFile file, Map<String, TarArchiveEntry> members) {}

        synchronized byte[] read(Path tar, String member) throws IOException {
            Opened from = opened(tar);
            try (var in = from.file().getInputStream(entry(from, tar, member))) {
                return in.readAllBytes();
            }
        }

        synchronized long size(Path tar, String member) throws IOException {
            return entry(opened(tar), tar, member).getSize();
        }

        private static TarArchiveEntry entry(Opened from, Path tar, String member) throws IOException {
            TarArchiveEntry entry =
                    from.members().getOrDefault(member, from.members().get(last(member)));
            if (entry == null) {
                throw new IOException("There is no picture " + member + " in " + tar);
            }
            return entry;
        }

        private Opened opened(Path tar) throws IOException {
            Opened known = opened.remove(tar);
            Opened from = known == null ? open(tar) : known;
            opened.put(tar, from);
            if (opened.size() > OPEN) {
                Path oldest = opened.keySet().iterator().next();
                Optional<Opened> closing = Optional.ofNullable(opened.remove(oldest));
                if (closing.isPresent()) {
                    closing.get().file().close();
                }
            }
            return from;
        }

        private static Opened open(Path tar) throws IOException {
            if (!Files.isRegularFile(tar)) {
                throw new IOException("There is no file " + tar);
            }
            var file = new TarFile(tar);
            Map<String, TarArchiveEntry> members = new HashMap<>();
            for (TarArchiveEntry entry : file.getEntries()) {
                members.put(entry.getName(), entry);
                members.putIfAbsent(last(entry.getName()), entry);
            }
            return new Opened(file, members);
        }

        private static String last(String name) {
            return name.substring(name.lastIndexOf('/') + 1);
        }
    }
}
