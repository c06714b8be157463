package io.github.describeanything.spark;

import io.github.describeanything.bulk.endpoint.Endpoint;
import io.github.describeanything.bulk.endpoint.Retries;
import io.github.describeanything.bulk.endpoint.Servers;
import io.github.describeanything.bulk.step.DescribeStep;
import io.github.describeanything.bulk.step.LineForm;
import io.github.describeanything.bulk.step.Question;
import io.github.describeanything.bulk.step.RowFunction;
import io.github.describeanything.model.EngineOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Describes the rows of a partition. Immutable; sent to executors.
 *
 * @param urls of servers, apart by commas; empty takes a model in the executor
 * @param temperature below 0 for the model's
 * @param maxTokens 0 for the model's
 * @param threads of the model in the executor; 0 for all cores
 * @param maxPixels of a picture that the model in the executor gets
 */
record DescribePartition(
        String bundle,
        EngineOptions.Device device,
        int threads,
        long maxPixels,
        String urls,
        String images,
        String prompt,
        double temperature,
        int maxTokens,
        long seed,
        int inFlight)
        implements MapPartitionsFunction<String, Row> {

    /** What a row becomes: a caption or an error, and the whole row as JSON. */
    static final StructType SCHEMA = new StructType()
            .add("id", DataTypes.StringType)
            .add("image", DataTypes.StringType)
            .add("caption", DataTypes.StringType)
            .add("model", DataTypes.StringType)
            .add("finish_reason", DataTypes.StringType)
            .add("error", DataTypes.StringType)
            .add("row", DataTypes.StringType);

    @Override
    public Iterator<Row> call(Iterator<String> rows) {
        Endpoint endpoint = urls.isEmpty()
                ? ExecutorModel.of(bundle, device, threads, maxPixels)
                : new Servers(
                        Arrays.stream(urls.split(",")).map(URI::create).toList(),
                        Optional.ofNullable(System.getenv("OPENAI_API_KEY")),
                        Duration.ofMinutes(10),
                        Retries.DEFAULT);
        var question = new Question(
                Optional.empty(),
                prompt,
                temperature < 0 ? OptionalDouble.empty() : OptionalDouble.of(temperature),
                OptionalDouble.empty(),
                maxTokens == 0 ? OptionalInt.empty() : OptionalInt.of(maxTokens),
                seed);
        Path folder = Path.of(images);
        var step = new DescribeStep(endpoint, question, folder, LineForm.ROW);
        Iterator<ObjectNode> lines = new RowFunction(step, folder, inFlight).apply(rows);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return lines.hasNext();
            }

            @Override
            public Row next() {
                return row(lines.next());
            }
        };
    }

    private static Row row(ObjectNode line) {
        JsonNode error = line.path("error");
        return RowFactory.create(
                io.github.describeanything.bulk.row.Row.key(line.path("id")),
                line.path("image").asString(""),
                line.path("caption").asString(""),
                line.path("model").asString(""),
                line.path("finish_reason").asString(""),
                error.isMissingNode() ? "" : error.toString(),
                line.toString());
    }
}
