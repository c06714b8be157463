package io.github.describeanything.bulk;

import io.github.describeanything.bulk.row.Lines;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Pictures of coloured rectangles, and the same regions written in every format that a job reads. */
public final class DrawnDataset {
    static final int WIDTH = 96;
    static final int HEIGHT = 64;
    private static final List<String> COLOURS = List.of("red", "green", "blue");

    private final Path folder;
    private final int pictures;
    private final int regions;

    /** A rectangle: x0 &lt; x1, y0 &lt; y1. */
    record Rectangle(int x0, int y0, int x1, int y1, int colour) {
        double[] polygon() {
            return new double[] {x0, y0, x1, y0, x1, y1, x0, y1};
        }
    }

    /** Draws the pictures into {@code folder/images}. */
    DrawnDataset(Path folder, int pictures, int regions) throws IOException {
        this.folder = folder;
        this.pictures = pictures;
        this.regions = regions;
        Files.createDirectories(folder.resolve("images"));
        for (int i = 0; i < pictures; i++) {
            Files.write(images().resolve(name(i)), png(i));
        }
    }

    Path images() {
        return folder.resolve("images");
    }

    static String name(int picture) {
        return "%05d.png".formatted(picture);
    }

    static long id(int picture, int region) {
        return 1_000L * (picture + 1) + region;
    }

    List<Rectangle> rectangles(int picture) {
        var random = new Random(picture);
        List<Rectangle> rectangles = new ArrayList<>();
        for (int i = 0; i < regions; i++) {
            int x = random.nextInt(WIDTH - 24);
            int y = random.nextInt(HEIGHT - 24);
            rectangles.add(new Rectangle(
                    x, y, x + 4 + random.nextInt(20), y + 4 + random.nextInt(20), random.nextInt(COLOURS.size())));
        }
        return rectangles;
    }

    private byte[] png(int picture) throws IOException {
        var image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(200, 200, picture % 256));
        graphics.fillRect(0, 0, WIDTH, HEIGHT);
        for (Rectangle it : rectangles(picture)) {
            graphics.setColor(List.of(Color.RED, Color.GREEN, Color.BLUE).get(it.colour()));
            graphics.fillRect(it.x0(), it.y0(), it.x1() - it.x0(), it.y1() - it.y0());
        }
        graphics.dispose();
        return bytes(image);
    }

    private static byte[] bytes(BufferedImage image) throws IOException {
        var out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    private static ObjectNode counts(Rectangle it) {
        ObjectNode rle = Lines.object();
        rle.putArray("size").add(HEIGHT).add(WIDTH);
        ArrayNode counts = rle.putArray("counts");
        int before = it.x0() * HEIGHT + it.y0();
        for (int x = it.x0(); x < it.x1(); x++) {
            counts.add(before);
            counts.add(it.y1() - it.y0());
            before = HEIGHT - (it.y1() - it.y0());
        }
        counts.add((WIDTH - it.x1()) * HEIGHT + HEIGHT - it.y1());
        return rle;
    }

    private Path write(String name, Object json) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, Lines.JSON.writeValueAsBytes(json));
        return file;
    }

    private ObjectNode categories() {
        ObjectNode coco = Lines.object();
        ArrayNode categories = coco.putArray("categories");
        for (int i = 0; i < COLOURS.size(); i++) {
            categories.addObject().put("id", i + 1).put("name", COLOURS.get(i) + "_(shape)");
        }
        return coco;
    }

    private static ArrayNode corners(ArrayNode parts, Rectangle it) {
        ArrayNode part = parts.addArray();
        for (double number : it.polygon()) {
            part.add(number);
        }
        return parts;
    }

    /** COCO: polygons, crowds with plain counts and boxes by turns. */
    Path coco() throws IOException {
        ObjectNode coco = categories();
        ArrayNode images = coco.putArray("images");
        ArrayNode annotations = coco.putArray("annotations");
        for (int i = 0; i < pictures; i++) {
            images.addObject()
                    .put("id", i + 7)
                    .put("file_name", name(i))
                    .put("width", WIDTH)
                    .put("height", HEIGHT);
            List<Rectangle> rectangles = rectangles(i);
            for (int j = 0; j < regions; j++) {
                Rectangle it = rectangles.get(j);
                ObjectNode annotation = annotations.addObject();
                annotation.put("id", id(i, j)).put("image_id", i + 7).put("category_id", it.colour() + 1);
                annotation.put("iscrowd", j % 3 == 1 ? 1 : 0);
                switch (j % 3) {
                    case 0 -> corners(annotation.putArray("segmentation"), it);
                    case 1 -> annotation.set("segmentation", counts(it));
                    default -> annotation.putArray("segmentation");
                }
                annotation
                        .putArray("bbox")
                        .add(it.x0())
                        .add(it.y0())
                        .add(it.x1() - it.x0())
                        .add(it.y1() - it.y0());
            }
        }
        return write("coco.json", coco);
    }

    /** LVIS: addresses instead of names, polygons alone. */
    Path lvis() throws IOException {
        ObjectNode lvis = categories();
        ArrayNode annotations = lvis.putArray("annotations");
        ArrayNode images = lvis.putArray("images");
        for (int i = 0; i < pictures; i++) {
            images.addObject().put("id", i).put("coco_url", "http://images.example/train2017/" + name(i));
            List<Rectangle> rectangles = rectangles(i);
            for (int j = 0; j < regions; j++) {
                ObjectNode annotation = annotations.addObject();
                annotation
                        .put("area", 1.5)
                        .put("id", id(i, j))
                        .put("image_id", i)
                        .put("category_id", 1);
                corners(annotation.putArray("segmentation"), rectangles.get(j));
            }
        }
        return write("lvis.json", lvis);
    }

    /** SA-1B: a file for each picture, beside the pictures. */
    Path segmentAnything() throws IOException {
        for (int i = 0; i < pictures; i++) {
            ObjectNode file = Lines.object();
            file.putObject("image").put("image_id", i).put("file_name", name(i));
            ArrayNode annotations = file.putArray("annotations");
            List<Rectangle> rectangles = rectangles(i);
            for (int j = 0; j < regions; j++) {
                ObjectNode annotation = annotations.addObject().put("id", id(i, j));
                annotation.set("segmentation", counts(rectangles.get(j)));
                annotation.put("predicted_iou", 0.9).put("stability_score", 0.95);
            }
            write("sa1b/" + name(i).replace("png", "json"), file);
            Files.copy(images().resolve(name(i)), folder.resolve("sa1b").resolve(name(i)));
        }
        return folder.resolve("sa1b");
    }

    /** Osprey's rows: a list of pictures with lists of annotations without ids. */
    Path osprey() throws IOException {
        ArrayNode rows = Lines.JSON.createArrayNode();
        for (int i = 0; i < pictures; i++) {
            ObjectNode row = rows.addObject()
                    .put("file_name", name(i))
                    .put("height", HEIGHT)
                    .put("width", WIDTH);
            ArrayNode categories = row.putArray("categories");
            ArrayNode annotations = row.putArray("annotations");
            for (Rectangle it : rectangles(i)) {
                categories.add(COLOURS.get(it.colour()));
                corners(annotations.addObject().putArray("segmentation"), it);
            }
        }
        return write("osprey.json", rows);
    }

    /** Rows with boxes, as Ref-L4 has them. */
    Path boxes() throws IOException {
        var lines = new StringBuilder();
        for (int i = 0; i < pictures; i++) {
            List<Rectangle> rectangles = rectangles(i);
            for (int j = 0; j < regions; j++) {
                Rectangle it = rectangles.get(j);
                ObjectNode row = Lines.object()
                        .put("id", id(i, j))
                        .put("file_name", name(i))
                        .put("score", 0.25 * j);
                row.putArray("bbox")
                        .add(it.x0())
                        .add(it.y0())
                        .add(it.x1() - it.x0())
                        .add(it.y1() - it.y0());
                row.put("category", COLOURS.get(it.colour()));
                lines.append(row).append('\n');
            }
        }
        Path file = folder.resolve("boxes.jsonl");
        Files.writeString(file, lines);
        return file;
    }

    /** The published dataset's layout, with two tar files. */
    Path described() throws IOException {
        ObjectNode annotations = Lines.object();
        Files.createDirectories(folder.resolve("dam/images"));
        for (int tar = 0; tar < 2; tar++) {
            String tarName = "images/" + tar + ".tar";
            try (var out = new TarArchiveOutputStream(
                    Files.newOutputStream(folder.resolve("dam").resolve(tarName)))) {
                for (int i = tar; i < pictures; i += 2) {
                    byte[] bytes = png(i);
                    var entry = new TarArchiveEntry(name(i));
                    entry.setSize(bytes.length);
                    out.putArchiveEntry(entry);
                    out.write(bytes);
                    out.closeArchiveEntry();
                    ArrayNode list = annotations.putArray("picture" + i);
                    List<Rectangle> rectangles = rectangles(i);
                    for (int j = 0; j < regions; j++) {
                        ObjectNode annotation =
                                list.addObject().put("ann_id", j).put("image", name(i));
                        annotation.put("tar_file", tarName).set("mask_rle", counts(rectangles.get(j)));
                        annotation.put("caption", "old");
                    }
                }
            }
        }
        write("dam/annotations.json", annotations);
        return folder.resolve("dam");
    }

    private BufferedImage image(int picture, Rectangle inside, boolean colours) throws IOException {
        BufferedImage drawn = ImageIO.read(images().resolve(name(picture)).toFile());
        var image =
                new BufferedImage(WIDTH, HEIGHT, colours ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                boolean in = x >= inside.x0() && x < inside.x1() && y >= inside.y0() && y < inside.y1();
                image.setRGB(
                        x, y, colours ? drawn.getRGB(x, y) & 0xFFFFFF | (in ? 0xFF << 24 : 0) : in ? -1 : 0xFF << 24);
            }
        }
        return image;
    }

    /** A picture with a mask in alpha for each region. */
    Path alpha() throws IOException {
        for (int i = 0; i < pictures; i++) {
            for (int j = 0; j < regions; j++) {
                Path file = folder.resolve("alpha").resolve(i + "/" + j + ".png");
                Files.createDirectories(file.getParent());
                Files.write(file, bytes(image(i, rectangles(i).get(j), true)));
            }
        }
        return folder.resolve("alpha");
    }

    /** Mask files for {@link #images}. */
    Path masks() throws IOException {
        for (int i = 0; i < pictures; i++) {
            for (int j = 0; j < regions; j++) {
                Path file = folder.resolve("masks").resolve(name(i).replace(".png", "") + "/" + j + ".png");
                Files.createDirectories(file.getParent());
                Files.write(file, bytes(image(i, rectangles(i).get(j), false)));
            }
        }
        return folder.resolve("masks");
    }

    /** OpenAI batch lines, one region each. */
    Path batch() throws IOException {
        var lines = new StringBuilder();
        for (int i = 0; i < pictures; i++) {
            String url = "data:image/png;base64,"
                    + Base64.getEncoder().encodeToString(Files.readAllBytes(images().resolve(name(i))));
            List<Rectangle> rectangles = rectangles(i);
            for (int j = 0; j < regions; j++) {
                Rectangle it = rectangles.get(j);
                ObjectNode line =
                        Lines.object().put("custom_id", "region-" + id(i, j)).put("method", "POST");
                ObjectNode body = line.put("url", "/v1/chat/completions").putObject("body");
                body.put("temperature", 0).put("max_tokens", 16);
                body.putArray("regions")
                        .addObject()
                        .putArray("box")
                        .add(it.x0())
                        .add(it.y0())
                        .add(it.x1())
                        .add(it.y1());
                ObjectNode message = body.putArray("messages").addObject().put("role", "user");
                message.putArray("content")
                        .addObject()
                        .put("type", "image_url")
                        .putObject("image_url")
                        .put("url", url);
                lines.append(line).append('\n');
            }
        }
        Path file = folder.resolve("batch.jsonl");
        Files.write(file, lines.toString().getBytes(StandardCharsets.UTF_8));
        return file;
    }

    /** Writes a dataset in all formats: FOLDER PICTURES REGIONS. */
    public static void main(String[] arguments) throws IOException {
        var dataset =
                new DrawnDataset(Path.of(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
        dataset.coco();
        dataset.boxes();
        if (arguments.length == 3) {
            dataset.lvis();
            dataset.segmentAnything();
            dataset.osprey();
            dataset.described();
            dataset.alpha();
            dataset.masks();
            dataset.batch();
        }
    }
}
