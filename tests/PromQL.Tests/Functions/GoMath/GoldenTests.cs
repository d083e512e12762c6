using System.Globalization;
using Deucalion.PromQL.Functions.Binary;
using Deucalion.PromQL.Functions.Elementwise;
using Deucalion.PromQL.Functions.GoMath;
using Xunit;

namespace Deucalion.PromQL.Tests.Functions.GoMath;

/// <summary>
/// Compares with answers of Prometheus 3.5.3 (Go 1.27, linux/amd64, a processor with FMA). A line of a golden file holds the bits
/// of the arguments and of the answer.
/// </summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Functions() => new(Unary.Keys.Concat(Binary.Keys));

    private static Dictionary<string, Func<double, double>> Unary { get; } = new()
    {
        ["exp"] = Exp.Apply,
        ["exp2"] = Exponentials.Exp2,
        ["ln"] = Ln.Apply,
        ["log2"] = Log2.Apply,
        ["log10"] = Log10.Apply,
        ["sqrt"] = Sqrt.Apply,
        ["sin"] = Sin.Apply,
        ["cos"] = Cos.Apply,
        ["tan"] = Tan.Apply,
        ["asin"] = Asin.Apply,
        ["acos"] = Acos.Apply,
        ["atan"] = Atan.Apply,
        ["sinh"] = Sinh.Apply,
        ["cosh"] = Cosh.Apply,
        ["tanh"] = Tanh.Apply,
        ["asinh"] = Asinh.Apply,
        ["acosh"] = Acosh.Apply,
        ["atanh"] = Atanh.Apply,
        ["deg"] = Deg.Apply,
        ["rad"] = Rad.Apply,
        ["floor"] = Floor.Apply,
        ["ceil"] = Ceil.Apply,
        ["round"] = value => RoundTo.Apply(value, 1),
    };

    private static Dictionary<string, Func<double, double, double>> Binary { get; } = new()
    {
        ["pow"] = Power.Apply,
        ["atan2"] = ArcTangent.Apply,
        ["mod"] = Modulo.Apply,
    };

    [Theory]
    [MemberData(nameof(Functions))]
    public void AnswersWithTheBitsOfTheReference_ForEveryGoldenArgument(string function)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Functions", "GoMath", "Golden", function + ".txt"));
        Assert.True(lines.Length > 100, "a golden file holds hundreds of lines");
        var wrong = lines.Select(line => Mismatch(function, line)).Where(text => text.Length > 0).ToList();
        Assert.True(wrong.Count == 0, $"{function}: {wrong.Count} of {lines.Length} differ\n{string.Join('\n', wrong.Take(20))}");
    }

    private static string Mismatch(string function, string line)
    {
        var numbers = line.Split(' ').Select(Parse).ToArray();
        var answer = numbers.Length == 2 ? Unary[function](numbers[0]) : Binary[function](numbers[0], numbers[1]);
        return Same(answer, numbers[^1]) ? "" : $"{line} is {string.Join(' ', numbers.Select(n => n.ToString("R", CultureInfo.InvariantCulture)))}, got {answer:R}";
    }

    private static bool Same(double a, double b) =>
        double.IsNaN(a) ? double.IsNaN(b) : BitConverter.DoubleToUInt64Bits(a) == BitConverter.DoubleToUInt64Bits(b);

    private static double Parse(string text) => text == "NaN"
        ? double.NaN
        : BitConverter.UInt64BitsToDouble(ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
}
