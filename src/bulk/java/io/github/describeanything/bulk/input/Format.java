package io.github.describeanything.bulk.input;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** How a dataset is written. */
public enum Format {
    /** OpenAI batch lines. */
    BATCH,
    /** COCO, LVIS, PACO. */
    COCO,
    /** SA-1B. */
    SA1B,
    /** Rows of JSON, one a region or one a picture. */
    ROWS,
    /** The published dataset of Describe Anything. */
    DAM,
    /** Pictures with a mask in alpha, or mask files. */
    PICTURES;

    /**
     * What to read.
     *
     * @param input a file or folder
     * @param images where pictures lie; empty takes the input's folder
     * @param masks where the mask files of a folder of pictures lie
     * @param keptOnly leave out rows whose {@code kept} is false
     */
    public record Dataset(Path input, Optional<Path> images, Optional<Path> masks, boolean keptOnly) {

        /** Where relative names of pictures and masks start. */
        public Path root() {
            Path folder = Files.isDirectory(input)
                    ? input
                    : Optional.ofNullable(input.toAbsolutePath().getParent()).orElse(input);
            return images.orElse(folder);
        }
    }

    /** The format of a file or folder, by what is in it. @throws InputException if it cannot be told */
    public static Format of(Path input, boolean masks) throws IOException {
        if (!Files.exists(input)) {
            throw new InputException("There is no " + input);
        }
        if (Files.isDirectory(input)) {
            if (Files.exists(input.resolve(DescribedFolder.ANNOTATIONS))) {
                return DAM;
            }
            return !masks && hasAnnotationFiles(input) ? SA1B : PICTURES;
        }
        if (JsonFile.first(input) == '[') {
            return ROWS;
        }
        // The one line of a COCO file may have gigabytes.
        if (input.toString().toLowerCase(Locale.ROOT).endsWith(".json")) {
            return COCO;
        }
        return JsonFile.firstOf(input, Set.of("custom_id")).isPresent() ? BATCH : ROWS;
    }

    /** Whether a file is about one picture. Others, such as a licence or settings, may lie beside pictures with alpha. */
    private static boolean hasAnnotationFiles(Path folder) throws IOException {
        for (Path file : PictureFolder.files(folder, List.of("json"))) {
            if (JsonFile.firstOf(folder.resolve(file), Set.of("image")).isPresent()) {
                return true;
            }
        }
        return false;
    }

    /** Opens a dataset of this format. */
    public Input open(Dataset dataset) throws IOException {
        Path path = dataset.input();
        Path root = dataset.root();
        return switch (this) {
            case BATCH -> new BatchLines(path);
            case COCO -> new CocoFile(path, root);
            case SA1B -> new SegmentAnythingFolder(path, root);
            case ROWS -> new RowsFile(path, root, dataset.keptOnly());
            case DAM -> new DescribedFolder(path);
            case PICTURES -> new PictureFolder(path, dataset.masks());
        };
    }
}
