import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Compares the Parquet of a Spark job with the rows of scripts/describe: PARQUET ROWS. Run as a source file. */
final class Compare {
    private Compare() {}

    public static void main(String[] arguments) throws Exception {
        try (SparkSession spark = SparkSession.builder().appName("compare").master("local[1]").getOrCreate()) {
            List<Row> described =
                    spark.read().parquet(arguments[0]).select("id", "caption", "error").collectAsList();
            Map<String, String> texts = new TreeMap<>();
            int errors = 0;
            for (Row row : described) {
                texts.put(row.getString(0), row.getString(1));
                errors += row.getString(2).isEmpty() ? 0 : 1;
            }
            List<Row> rows = spark.read()
                    .json(arguments[1])
                    .selectExpr("cast(id as string)", "caption")
                    .collectAsList();
            int equal = 0;
            for (Row row : rows) {
                equal += row.getString(1).equals(texts.get(row.getString(0))) ? 1 : 0;
            }
            System.out.printf(
                    "%d rows from Spark, %d ids, %d errors; %d rows from scripts/describe, %d of the same text%n",
                    described.size(), texts.size(), errors, rows.size(), equal);
            boolean same = described.size() == texts.size() && equal == rows.size() && rows.size() == texts.size();
            Files.writeString(Path.of(arguments[0] + ".compared"), Boolean.toString(same));
            System.exit(same ? 0 : 1);
        }
    }
}
