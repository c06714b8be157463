package io.github.describeanything.model.bundle;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A bundle of family {@code sam2}: its manifest, and its folder, each of whose files was checked. Immutable. */
public record SegmenterBundle(Path folder, SegmenterManifest manifest) {
    /** The family. */
    public static final String FAMILY = "sam2";

    /**
     * What such a bundle says about itself.
     *
     * @param name the model's name
     * @param precision how the encoder's weights are stored
     * @param device what kind of device the encoder was written for: {@code cpu} or {@code cuda}
     * @param files size and SHA-256 of every other file, by name
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record SegmenterManifest(
            String name,
            String precision,
            String device,
            Map<String, Manifest.GraphEntry> graphs,
            Map<String, Manifest.FileEntry> files,
            Shape sam2) {
        public SegmenterManifest {
            graphs = Map.copyOf(graphs);
            files = Map.copyOf(files);
        }
    }

    /**
     * Dimensions, and the rules for masks.
     *
     * @param imageSize side of the picture that the encoder sees
     * @param channels width of the embedding
     * @param memoryChannels width of a frame's memory
     * @param memories memories that a frame reads, that of one prompted frame included
     * @param pointers frames back, itself included, whose pointers a frame reads
     * @param maxSprinkleArea pieces of a picture's mask of up to this many logits are removed; 0 removes none
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Shape(
            @JsonProperty("image_size") int imageSize,
            int channels,
            @JsonProperty("stability_delta") double stabilityDelta,
            @JsonProperty("stability_threshold") double stabilityThreshold,
            @JsonProperty("memory_channels") int memoryChannels,
            @JsonProperty("num_maskmem") int memories,
            @JsonProperty("max_object_pointers") int pointers,
            @JsonProperty("max_sprinkle_area") int maxSprinkleArea) {

        public Shape {
            // A bundle of a version before videos lacks them.
            if (memoryChannels < 1 || memories < 1 || pointers < 1) {
                throw new IllegalArgumentException(
                        "sam2.memory_channels, num_maskmem and max_object_pointers must be at least 1: export it again");
            }
        }

        /** Side of a mask's logits, and of the finest map. */
        public int maskSide() {
            return imageSize / 4;
        }

        /** Numbers that the encoder makes of one picture. */
        public int features() {
            return embedding() + channels * cells() * cells();
        }

        /** Where the embedding begins among them. */
        public int embedding() {
            return fineFeatures() + middleFeatures();
        }

        /** Side of the embedding and of a memory. */
        public int cells() {
            return imageSize / 16;
        }

        /** Numbers of the finest map. */
        public int fineFeatures() {
            return channels / 8 * maskSide() * maskSide();
        }

        /** Numbers of the map of half its side. */
        public int middleFeatures() {
            return channels / 4 * (maskSide() / 2) * (maskSide() / 2);
        }
    }

    /**
     * Reads the manifest and checks every file that it lists.
     *
     * @throws BundleException if it is of another family, or a file is missing or altered
     */
    public static SegmenterBundle open(Path folder) {
        JsonNode json = BundleFiles.manifest(folder);
        String family = json.path("family").asString("");
        if (!family.equals(FAMILY)) {
            throw new BundleException(
                    "This bundle is of family %s; a segmenter's is of family %s: export a SAM 2.1 checkpoint"
                            .formatted(BundleFiles.printable(family), FAMILY));
        }
        var manifest = BundleFiles.read(json, SegmenterManifest.class);
        new BundleFiles(folder, manifest.files())
                .check(manifest.graphs().values().stream().map(Manifest.GraphEntry::file));
        return new SegmenterBundle(folder, manifest);
    }

    /** The segmenter inside a bundle of another family, which has its graphs and its section. */
    public static SegmenterBundle inside(Bundle bundle) {
        JsonNode json = BundleFiles.manifest(bundle.folder());
        if (!json.has(FAMILY)) {
            throw new BundleException("%s has no section \"%s\", which the family %s needs: export the checkpoint again"
                    .formatted(BundleFiles.MANIFEST, FAMILY, bundle.manifest().family()));
        }
        return new SegmenterBundle(bundle.folder(), BundleFiles.read(json, SegmenterManifest.class));
    }

    /** A graph by its role. @throws BundleException if the manifest names none */
    public Path graph(String role) {
        return BundleFiles.graph(folder, manifest.graphs(), role, FAMILY);
    }
}
