package io.github.describeanything.spark;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.get_json_object;

import io.github.describeanything.model.EngineOptions;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The Spark job: rows in, Parquet out, described by a model in each executor or by servers. Used by one thread. */
@Command(
        name = "spark-describe",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Describes every region of a dataset on Spark.")
public final class SparkDescribe implements Callable<Integer> {
    @Option(
            names = "--input",
            required = true,
            paramLabel = "PATH",
            description = "Rows with id, image or bytes, and a region: Parquet, or lines of JSON if it ends in .jsonl")
    String input = "";

    @Option(names = "--images", defaultValue = ".", description = "Where pictures lie, the same on every machine")
    String images = "";

    @Option(names = "--output", required = true, paramLabel = "FOLDER", description = "Parquet; it must not exist")
    String output = "";

    @Option(
            names = "--model",
            defaultValue = "",
            description = "A bundle, the same on every machine. Default: built in")
    String model = "";

    @Option(names = "--device", defaultValue = "CPU", description = "${COMPLETION-CANDIDATES}. Default: CPU")
    EngineOptions.Device device = EngineOptions.Device.CPU;

    @Option(names = "--threads", defaultValue = "0", description = "Cores of an executor's model. Default: all")
    int threads;

    @Option(
            names = "--max-pixels",
            defaultValue = "33554432",
            description = "Maximum pixels of a picture that an executor's model gets. Default: ${DEFAULT-VALUE}")
    long maxPixels;

    @Option(
            names = "--url",
            defaultValue = "",
            description = "Servers instead of a model in each executor, apart by commas")
    String urls = "";

    @Option(names = "--prompt", defaultValue = "", description = "The question. Default: the model's")
    String prompt = "";

    @Option(names = "--temperature", defaultValue = "-1", description = "Default: the model's")
    double temperature;

    @Option(names = "--max-tokens", defaultValue = "0", description = "Default: the model's")
    int maxTokens;

    @Option(names = "--seed", defaultValue = "0", description = "Mixed with each picture's name. Default: 0")
    long seed;

    @Option(names = "--in-flight", defaultValue = "32", description = "Rows under way in a task. Default: 32")
    int inFlight;

    @Option(names = "--partitions", defaultValue = "0", description = "Tasks. Default: spark.sql.shuffle.partitions")
    int partitions;

    private SparkDescribe() {}

    public static void main(String[] arguments) {
        int status = new CommandLine(new SparkDescribe())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments);
        if (status != 0) {
            System.exit(status);
        }
    }

    @Override
    public Integer call() throws IOException {
        try (SparkSession spark =
                SparkSession.builder().appName("describe-anything").getOrCreate()) {
            Dataset<String> rows = input.endsWith(".jsonl")
                    ? spark.read().textFile(input)
                    : spark.read().parquet(input).toJSON();
            Column line = col(rows.columns()[0]);
            Column image = coalesce(get_json_object(line, "$.image"), get_json_object(line, "$.file_name"));
            var describe = new DescribePartition(
                    model, device, threads, maxPixels, urls, images, prompt, temperature, maxTokens, seed, inFlight);
            // The rows of a picture in a row, so that they share its decoding and its request.
            Dataset<String> together = partitions > 0 ? rows.repartition(partitions, image) : rows.repartition(image);
            Dataset<Row> described = together.sortWithinPartitions(image)
                    .mapPartitions(describe, Encoders.row(DescribePartition.SCHEMA));
            described.write().mode(SaveMode.ErrorIfExists).parquet(output);
        }
        return 0;
    }
}
