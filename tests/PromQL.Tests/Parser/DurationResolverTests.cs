using Deucalion.PromQL.Ast;
using Deucalion.PromQL.Parser;
using Xunit;

namespace Deucalion.PromQL.Tests.Parser;

public sealed class DurationResolverTests
{
    [Theory]
    [InlineData("1m + 30", 90_000)]
    [InlineData("(1h - 30m) / 2", 900_000)]
    [InlineData("2 ^ 3 ^ 2", 512_000)]
    [InlineData("100 % 7 * 2", 4_000)]
    [InlineData("-1 + 5", 4_000)]
    [InlineData("-2 ^ 2 + 10", 6_000)]
    [InlineData("step()", 15_000)]
    [InlineData("range() / step()", 240_000)]
    [InlineData("max_of(step(), 1m)", 60_000)]
    [InlineData("min_of(step() * 2, 1m)", 30_000)]
    [InlineData("1 / 3 + 0", 333)]
    [InlineData("(5s)", 5_000)]
    public void ComputesRange(string range, long milliseconds)
    {
        var query = $"foo[{range}]";
        Assert.Equal(milliseconds, Assert.IsType<MatrixSelector>(Resolve(query)).Range);
        var subquery = Assert.IsType<SubqueryExpr>(Resolve($"foo[0+{range}:{range}] offset ({range})"));
        Assert.Equal((milliseconds, milliseconds, milliseconds), (subquery.Range, subquery.Step, subquery.Modifiers.Offset));
    }

    [Theory]
    [InlineData("foo offset -step()", -15_000)]
    [InlineData("foo offset +step()", 15_000)]
    [InlineData("foo offset -(1m + 5)", -65_000)]
    [InlineData("foo offset (1 - 2)", -1_000)]
    [InlineData("foo offset -max_of(1, 2)", -2_000)]
    [InlineData("foo offset --5", 5_000)]
    [InlineData("foo offset (0)", 0)]
    public void ComputesOffset(string query, long milliseconds) =>
        Assert.Equal(milliseconds, Assert.IsType<VectorSelector>(Resolve(query)).Modifiers.Offset);

    [Theory]
    [InlineData("foo[1 - 2]", "4:9: duration must be greater than 0")]
    [InlineData("foo[5m:step()-15]", "7:16: duration must be greater than 0")]
    [InlineData("foo[1 / (step() - 15)]", "4:20: division by zero")]
    [InlineData("foo[1 % (step() - 15)]", "4:20: modulo by zero")]
    [InlineData("foo[(-8) ^ 0.5]", "4:14: duration is NaN or infinite")]
    [InlineData("foo[10 ^ 400]", "4:12: duration is NaN or infinite")]
    [InlineData("foo offset (10 ^ 15)", "12:19: duration is out of range")]
    [InlineData("{\"\u00fc\"}[1 - 2]", "7:12: duration must be greater than 0")]
    public void Fails_WhenValueIsNotUsable(string query, string message) =>
        Assert.Equal(message, Assert.Throws<DurationExprException>(() => Resolve(query)).Message);

    [Fact]
    public void ReachesEveryNode()
    {
        var expr = Resolve("sum by (a) (-rate(foo[step()])) + (topk(scalar(bar offset (step())), baz)) * max_over_time(x[5m:step()])");
        Assert.DoesNotContain(Nodes(expr), n => n is MatrixSelector { Range: 0 } or SubqueryExpr { Step: 0 });
        Assert.Contains(Nodes(expr), n => n is VectorSelector { Modifiers.Offset: 15_000 });
    }

    [Fact]
    public void StepAndRangeAreZero_WhenQueryIsInstant()
    {
        var expr = PromQlParser.Parse("foo offset (step() + range())", ParserOptions.Default);
        Assert.Equal(0, Assert.IsType<VectorSelector>(new DurationResolver("foo offset (step() + range())", 0, 0).Resolve(expr)).Modifiers.Offset);
    }

    private static Expr Resolve(string query) =>
        new DurationResolver(query, 15_000, 3_600_000).Resolve(PromQlParser.Parse(query, ParserOptions.Default));

    private static IEnumerable<Expr> Nodes(Expr expr)
    {
        IEnumerable<Expr> children = expr switch
        {
            ParenExpr e => [e.Inner],
            UnaryExpr e => [e.Inner],
            BinaryExpr e => [e.Left, e.Right],
            AggregateExpr e => e.Parameter is null ? [e.Inner] : [e.Inner, e.Parameter],
            CallExpr e => e.Arguments,
            SubqueryExpr e => [e.Inner],
            MatrixSelector e => [e.Selector],
            _ => [],
        };
        return children.SelectMany(Nodes).Prepend(expr);
    }
}
