package io.github.describeanything.bulk;

import io.github.describeanything.model.EngineOptions;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Where a job over a dataset needs other defaults than a server. Stateless. */
public final class BulkDefaults implements IDefaultValueProvider {
    /**
     * A job reads each picture once, and a region comes again only where rows that follow each other ask about the same one.
     * This holds the features of 16 regions of DAM-3B, or of 680 of the built-in model.
     */
    static final long REGION_CACHE_MIB = 32;

    /** Options for an engine of such a job. */
    public static EngineOptions.Builder engine() {
        return EngineOptions.builder().featureCache(REGION_CACHE_MIB << 20);
    }

    @Override
    @SuppressWarnings("NullAway") // picocli takes null for "no other default"
    public String defaultValue(ArgSpec argument) {
        return argument instanceof OptionSpec option && option.longestName().equals("--region-cache")
                ? Long.toString(REGION_CACHE_MIB)
                : null;
    }
}
