package io.github.describeanything.bulk.step;

import io.github.describeanything.bulk.endpoint.Endpoint;
import io.github.describeanything.bulk.endpoint.EndpointException;
import io.github.describeanything.bulk.endpoint.Reply;
import io.github.describeanything.bulk.job.Step;
import io.github.describeanything.bulk.row.PictureRows;
import io.github.describeanything.bulk.row.Problem;
import io.github.describeanything.bulk.row.RegionMasks;
import io.github.describeanything.bulk.row.Row;
import io.github.describeanything.focal.Mask;
import io.github.describeanything.focal.MaskBox;
import io.github.describeanything.focal.Picture;
import io.github.describeanything.focal.PictureException;
import io.github.describeanything.server.errors.ApiException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a general vision model to expand a region's class into a caption. Thread-safe.
 *
 * <p>It gets the crop around the region, the same crop with all but the region blanked, and the class in the text ("Describe
 * Anything", section 4).
 */
public final class ExpandStep implements Step {
    /** What is asked unless another prompt is given. */
    public static final String PROMPT =
            "You see two versions of one crop. The first shows a {category} with what is around it. In the second, everything"
                    + " except the {category} is covered by a plain colour. Write a rich description of the {category} that is"
                    + " left visible in the second version, and of nothing else: its shape, parts, colours, materials,"
                    + " textures, pattern and pose, with enough detail that a painter could paint it without seeing it. Use"
                    + " the first version to understand what you see. If it shows several of the kind, mean the uncovered"
                    + " one. Mention only parts that can be seen, and do not say which ones are hidden. If there is writing"
                    + " on it, describe the thing that carries the writing too. Say nothing about the background, the crop"
                    + " or the covering.";

    private final Endpoint endpoint;
    private final Question question;
    private final RegionMasks masks;
    private final int blank;
    private final int longest;

    /**
     * @param blank colour of what is not the region, as 0xRRGGBB
     * @param longest side of the pictures sent
     */
    public ExpandStep(Endpoint endpoint, Question question, RegionMasks masks, int blank, int longest) {
        this.endpoint = endpoint;
        this.question = question;
        this.masks = masks;
        this.blank = blank;
        this.longest = longest;
    }

    @Override
    public List<Result> run(PictureRows rows) throws EndpointException, InterruptedException {
        Row row = rows.rows().getFirst();
        String category = row.fields().path("category").asString("");
        if (category.isEmpty()) {
            return failed(row, "missing_category", "The row has no category");
        }
        List<String> images;
        try {
            images = images(rows, row);
        } catch (IOException e) {
            return failed(row, "missing_image", String.valueOf(e.getMessage()));
        } catch (PictureException e) {
            return failed(row, "invalid_image", String.valueOf(e.getMessage()));
        } catch (ApiException e) {
            return failed(row, e.code().orElse("invalid_region"), e.getMessage());
        }
        if (images.isEmpty()) {
            return failed(row, "empty_mask", "The region covers no pixel");
        }
        String text = question.prompt().replace("{category}", category.replace('_', ' '));
        Reply reply = endpoint.ask(Endpoint.CHAT, question.body(row.key(), images, text));
        if (!reply.answered()) {
            return List.of(new Failed(row, new Problem(reply.code(), reply.problem()), true));
        }
        ObjectNode line =
                LineForm.ROW.answer(row, "", reply.body().path("choices").path(0), reply, -1);
        line.remove("finish_reason");
        return List.of(new Finished(row, line));
    }

    private List<String> images(PictureRows rows, Row row) throws IOException {
        Picture picture = masks.picture(rows.source().read());
        Mask mask = masks.of(row, picture);
        Optional<MaskBox> box = mask.box();
        return box.isEmpty()
                ? List.of()
                : List.of(
                        Question.dataUrl(Crop.png(picture, mask, box.get(), -1, longest)),
                        Question.dataUrl(Crop.png(picture, mask, box.get(), blank, longest)));
    }

    private static List<Result> failed(Row row, String code, String message) {
        return List.of(new Failed(row, new Problem(code, message), false));
    }

    @Override
    public int rowsAtOnce() {
        return 1;
    }

    @Override
    public ObjectNode line(Row row, Problem problem) {
        return LineForm.ROW.error(row, problem);
    }
}
