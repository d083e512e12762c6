namespace Deucalion.Ruler.Templates;

/// <summary>A part of a template.</summary>
internal abstract record TemplateNode;

/// <summary>Text as it is.</summary>
internal sealed record TextNode(string Text) : TemplateNode;

/// <summary>A pipeline whose value is printed, or goes into a variable.</summary>
internal sealed record ActionNode(Pipeline Pipeline) : TemplateNode;

/// <summary><c>if</c>, or <c>with</c>, which sets the dot too.</summary>
internal sealed record ConditionNode(Pipeline Pipeline, bool SetsDot, IReadOnlyList<TemplateNode> Then, IReadOnlyList<TemplateNode> Else) : TemplateNode;

/// <summary><c>range</c></summary>
internal sealed record RangeNode(Pipeline Pipeline, IReadOnlyList<TemplateNode> Body, IReadOnlyList<TemplateNode> Else) : TemplateNode;

/// <summary>Commands of which each gets the value of the one before as its last argument.</summary>
/// <param name="Variables">Variables that take the value, <c>$</c> included.</param>
/// <param name="Declares">Whether these are new.</param>
/// <param name="Commands">The commands.</param>
internal sealed record Pipeline(IReadOnlyList<string> Variables, bool Declares, IReadOnlyList<IReadOnlyList<Operand>> Commands);

/// <summary>An operand with the fields taken of it.</summary>
internal abstract record Operand(IReadOnlyList<string> Fields);

/// <summary>A constant.</summary>
internal sealed record Constant(object? Value) : Operand([]);

/// <summary>The dot.</summary>
internal sealed record DotOperand(IReadOnlyList<string> Fields) : Operand(Fields);

/// <summary>A variable, <c>$</c> included.</summary>
internal sealed record VariableOperand(string Name, IReadOnlyList<string> Fields) : Operand(Fields);

/// <summary>A pipeline in parentheses.</summary>
internal sealed record PipelineOperand(Pipeline Pipeline, IReadOnlyList<string> Fields) : Operand(Fields);

/// <summary>The name of a function.</summary>
internal sealed record FunctionOperand(string Name) : Operand([]);
