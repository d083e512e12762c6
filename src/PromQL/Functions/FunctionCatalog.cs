using System.Collections.Frozen;
using Deucalion.PromQL.Ast;
using static Deucalion.PromQL.Ast.ValueType;

namespace Deucalion.PromQL.Functions;

/// <summary>Signatures of all PromQL functions.</summary>
public static class FunctionCatalog
{
    private static readonly FrozenDictionary<string, FunctionSignature> ByName = Build();

    /// <summary>All functions, in no order.</summary>
    public static IReadOnlyCollection<FunctionSignature> All => ByName.Values;

    /// <summary>The function of that name, or null. Names are case-sensitive.</summary>
    public static FunctionSignature? Find(string name) => ByName.GetValueOrDefault(name);

    private static FrozenDictionary<string, FunctionSignature> Build()
    {
        var all = new List<FunctionSignature>();
        AddMany(
            all,
            "abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count histogram_stddev "
            + "histogram_stdvar histogram_sum ln log10 log2 rad sgn sin sinh sort sort_desc sqrt tan tanh timestamp",
            Vector);
        AddMany(
            all,
            "absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate last_over_time "
            + "max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time",
            Matrix);
        foreach (var name in "day_of_month day_of_week day_of_year days_in_month hour minute month year".Split(' '))
        {
            all.Add(new() { Name = name, ArgumentTypes = [Vector], Variadic = 1, ReturnType = Vector });
        }

        foreach (var name in "mad_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time".Split(' '))
        {
            all.Add(new() { Name = name, ArgumentTypes = [Matrix], ReturnType = Vector, Experimental = true });
        }

        foreach (var name in "end range start step".Split(' '))
        {
            all.Add(new() { Name = name, ArgumentTypes = [], ReturnType = Scalar, Experimental = true });
        }

        foreach (var name in "sort_by_label sort_by_label_desc".Split(' '))
        {
            all.Add(new() { Name = name, ArgumentTypes = [Vector, Ast.ValueType.String], Variadic = -1, ReturnType = Vector, Experimental = true });
        }

        all.AddRange(
        [
            new() { Name = "clamp", ArgumentTypes = [Vector, Scalar, Scalar], ReturnType = Vector },
            new() { Name = "clamp_max", ArgumentTypes = [Vector, Scalar], ReturnType = Vector },
            new() { Name = "clamp_min", ArgumentTypes = [Vector, Scalar], ReturnType = Vector },
            new() { Name = "double_exponential_smoothing", ArgumentTypes = [Matrix, Scalar, Scalar], ReturnType = Vector, Experimental = true },
            new() { Name = "histogram_fraction", ArgumentTypes = [Scalar, Scalar, Vector], ReturnType = Vector },
            new() { Name = "histogram_quantile", ArgumentTypes = [Scalar, Vector], ReturnType = Vector },
            new() { Name = "histogram_quantiles", ArgumentTypes = [Vector, Ast.ValueType.String, Scalar, Scalar], Variadic = 9, ReturnType = Vector, Experimental = true },
            new() { Name = "info", ArgumentTypes = [Vector, Vector], Variadic = 1, ReturnType = Vector, Experimental = true },
            new() { Name = "label_join", ArgumentTypes = [Vector, Ast.ValueType.String, Ast.ValueType.String, Ast.ValueType.String], Variadic = -1, ReturnType = Vector },
            new() { Name = "label_replace", ArgumentTypes = [Vector, Ast.ValueType.String, Ast.ValueType.String, Ast.ValueType.String, Ast.ValueType.String], ReturnType = Vector },
            new() { Name = "max_of", ArgumentTypes = [Scalar, Scalar], ReturnType = Scalar, Experimental = true },
            new() { Name = "min_of", ArgumentTypes = [Scalar, Scalar], ReturnType = Scalar, Experimental = true },
            new() { Name = "pi", ArgumentTypes = [], ReturnType = Scalar },
            new() { Name = "predict_linear", ArgumentTypes = [Matrix, Scalar], ReturnType = Vector },
            new() { Name = "quantile_over_time", ArgumentTypes = [Scalar, Matrix], ReturnType = Vector },
            new() { Name = "round", ArgumentTypes = [Vector, Scalar], Variadic = 1, ReturnType = Vector },
            new() { Name = "scalar", ArgumentTypes = [Vector], ReturnType = Scalar },
            new() { Name = "start_timestamp", ArgumentTypes = [Vector], ReturnType = Vector, Experimental = true },
            new() { Name = "time", ArgumentTypes = [], ReturnType = Scalar },
            new() { Name = "vector", ArgumentTypes = [Scalar], ReturnType = Vector },
        ]);
        return all.ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);
    }

    private static void AddMany(List<FunctionSignature> all, string names, Ast.ValueType argument)
    {
        foreach (var name in names.Split(' '))
        {
            all.Add(new() { Name = name, ArgumentTypes = [argument], ReturnType = Vector });
        }
    }
}
