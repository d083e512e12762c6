using Deucalion.PromQL.Functions;
using Deucalion.PromQL.Printer;
using Xunit;

namespace Deucalion.PromQL.Tests.Functions;

public sealed class FunctionCatalogTests
{
    [Fact]
    public void KnowsAllFunctions() => Assert.Equal(90, FunctionCatalog.All.Count);

    [Theory]
    [InlineData("abs", "vector -> vector 0")]
    [InlineData("hour", "vector -> vector 1")]
    [InlineData("round", "vector,scalar -> vector 1")]
    [InlineData("quantile_over_time", "scalar,matrix -> vector 0")]
    [InlineData("label_join", "vector,string,string,string -> vector -1")]
    [InlineData("histogram_quantiles", "vector,string,scalar,scalar -> vector 9 E")]
    [InlineData("info", "vector,vector -> vector 1 E")]
    [InlineData("start", " -> scalar 0 E")]
    [InlineData("scalar", "vector -> scalar 0")]
    [InlineData("max_of", "scalar,scalar -> scalar 0 E")]
    public void KnowsSignature(string name, string signature)
    {
        var f = FunctionCatalog.Find(name)!;
        var text = $"{string.Join(',', f.ArgumentTypes.Select(OperatorText.Of))} -> {OperatorText.Of(f.ReturnType)} {f.Variadic}{(f.Experimental ? " E" : "")}";
        Assert.Equal(signature, text);
    }

    [Fact]
    public void FindsNothing_WhenNameIsUnknown()
    {
        Assert.Null(FunctionCatalog.Find("nosuch"));
        Assert.Null(FunctionCatalog.Find("ABS"));
    }
}
