package io.github.describeanything.focal.codec;

import java.util.HexFormat;

/** The standard Huffman tables (ITU-T T.81, tables K.3 to K.6), which motion JPEG files omit. Immutable. */
final class JpegTables {
    private static final String COUNTS_OF_DC_0 = "00010501010101010100000000000000";
    private static final String COUNTS_OF_DC_1 = "00030101010101010101010000000000";
    private static final String DC = "000102030405060708090a0b";
    private static final String AC_0 = """
            0002010303020403050504040000017d
            01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a2526
            2728292a3435363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485
            868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6
            d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa
            """;
    private static final String AC_1 = """
            00020102040403040705040400010277
            0001020311040521310612415107617113223281081442 91a1b1c109233352f0156272d10a162434e125f11718
            191a262728292a35363738393a434445464748494a535455565758595a636465666768696a737475767778797a82
            838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3
            d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa
            """;

    /** A DHT segment with all four. */
    static final byte[] STANDARD = HexFormat.of()
            .parseHex(("ffc401a2" + "00" + COUNTS_OF_DC_0 + DC + "10" + AC_0 + "01" + COUNTS_OF_DC_1 + DC + "11" + AC_1)
                    .replaceAll("\\s", ""));

    private JpegTables() {}
}
